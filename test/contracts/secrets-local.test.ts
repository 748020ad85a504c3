import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentSecrets } from '../../hosts/node/environment-secrets.ts';
import { secretsContract } from './secrets.ts';

secretsContract('environment variables', () => {
  const environment: Record<string, string> = {};
  return Promise.resolve({
    secrets: new EnvironmentSecrets(environment),
    set: (name, text) => {
      environment[name] = text;
      return Promise.resolve({ tag: 'env', name });
    },
    missing: { tag: 'env', name: 'NOT_THERE' },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

secretsContract('files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-secrets-'));
  return {
    secrets: new EnvironmentSecrets({}),
    set: async (name, text) => {
      const path = join(folder, name);
      await writeFile(path, text, { mode: 0o600 });
      return { tag: 'file', path };
    },
    missing: { tag: 'file', path: join(folder, 'not-there') },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});
