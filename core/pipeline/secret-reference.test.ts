import { expect, it } from 'vitest';
import { secretReference, secretReferencesIn } from './secret-reference.ts';

it('finds references to secrets by their shape, wherever they stand', () => {
  const [env, file, secret] = [{ env: 'A' }, { file: '/a' }, { secret: 'a', field: 'f' }].map((written) =>
    secretReference.parse(written),
  );
  const settings = {
    host: '127.0.0.1',
    tls: { tag: 'secret', name: 'none' },
    none: null,
    rootDatabase: { host: 'other', password: secret },
    others: [{ password: env }, { key: file }],
  };
  expect(secretReferencesIn(settings)).toEqual([
    { path: ['rootDatabase', 'password'], reference: secret },
    { path: ['others', '0', 'password'], reference: env },
    { path: ['others', '1', 'key'], reference: file },
  ]);
  expect(secretReferencesIn(null)).toEqual([]);
});
