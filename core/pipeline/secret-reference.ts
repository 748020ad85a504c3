import { z } from 'zod';
import type { SecretReference } from '../host/host.ts';

/** What a setting that holds a secret may be; said in every message about one. */
export const SECRET_EXPECTED = '{ env: NAME } or { file: path }';

export const PASSWORD_DESCRIPTION = '`{ env: NAME }` or `{ file: path }` (mode 0600); plain text is refused.';

const written = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })]);

/** Where a secret is found. Plain text is refused: a configuration file is copied, mailed and committed. */
export const secretReference = written.transform((reference): SecretReference =>
  'env' in reference ? { tag: 'env', name: reference.env } : { tag: 'file', path: reference.file },
);
