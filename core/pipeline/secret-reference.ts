import * as z from 'zod';
import type { SecretReference } from '../host/host.ts';

/** What a setting that holds a secret may be; said in every message about one. */
export const SECRET_EXPECTED = '{ env: NAME }, { file: path } or { secret: name }';

export const PASSWORD_DESCRIPTION =
  '`{ env: NAME }`, `{ file: path }` (mode 0600) or `{ secret: name, field: password }` (AWS Secrets Manager); plain text is refused.';

const written = z.union([
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ secret: z.string().min(1), field: z.string().min(1).default('password') }),
]);

/** Where a secret is found. Plain text is refused: a configuration file is copied, mailed and committed. */
export const secretReference = written.transform((reference): SecretReference => {
  if ('env' in reference) return { tag: 'env', name: reference.env };
  if ('file' in reference) return { tag: 'file', path: reference.file };
  return { tag: 'secret', id: reference.secret, field: reference.field };
});

/** A reference to a secret, and where in the settings it stands. */
export interface FoundReference {
  readonly path: readonly string[];
  readonly reference: SecretReference;
}

const parsed = z.discriminatedUnion('tag', [
  z.strictObject({ tag: z.literal('env'), name: z.string() }),
  z.strictObject({ tag: z.literal('file'), path: z.string() }),
  z.strictObject({ tag: z.literal('secret'), id: z.string(), field: z.string() }),
]);

/** All references to secrets in parsed settings, found by their shape: a source's own settings are known to nobody else. */
export function secretReferencesIn(settings: unknown, path: readonly string[] = []): FoundReference[] {
  const { success, data } = parsed.safeParse(settings);
  if (success) return [{ path, reference: data }];
  if (typeof settings !== 'object' || settings === null) return [];
  return Object.entries(settings).flatMap(([name, value]) => secretReferencesIn(value, [...path, name]));
}
