import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { EnvironmentSecrets } from '../../hosts/node/environment-secrets.ts';
import { SecretsManagerSecrets } from '../../hosts/aws/secrets-manager-secrets.ts';
import { startAwsServices } from '../fixtures/aws-services.ts';
import { secretsContract } from './secrets.ts';

async function open() {
  const services = await startAwsServices();
  const client = new SecretsManagerClient({
    endpoint: services.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    services,
    secrets: new SecretsManagerSecrets(client, new EnvironmentSecrets({ ELSEWHERE: 'of the environment' })),
    missing: { tag: 'secret', id: 'not-there', field: 'password' } as const,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await services[Symbol.asyncDispose]();
    },
  };
}

for (const [kind, stored] of [
  ['a field of a JSON object', (text: string) => JSON.stringify({ username: 'u', password: text, port: 5432 })],
  ['plain text', (text: string) => text],
] as const) {
  secretsContract(`Secrets Manager, ${kind}`, async () => {
    const opened = await open();
    return {
      ...opened,
      set: (name, text) => {
        opened.services.secrets.set(name, stored(text));
        return Promise.resolve({ tag: 'secret', id: name, field: 'password' });
      },
    };
  });
}

describe('secrets of Secrets Manager', () => {
  it('without the named field are PS1002; the message names the field and no value', async () => {
    await using opened = await open();
    for (const text of ['{"passwort":"hidden"}', '{"password":{"nested":"hidden"}}', '["hidden"]']) {
      opened.services.secrets.set('odd', text);
      const reading = opened.secrets.read({ tag: 'secret', id: 'odd', field: 'password' });
      const error: unknown = await reading.catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'PS1002', message: expect.stringContaining('field password') as string });
      expect(JSON.stringify(error) + String(error)).not.toContain('hidden');
    }
  });

  it('that cannot be asked for are PS1012, which passes by itself', async () => {
    await using opened = await open();
    opened.services.failWith = 503;
    await expect(opened.secrets.read(opened.missing)).rejects.toMatchObject({ code: 'PS1012', retry: 'timed' });
  });

  it('leave references of other kinds to the environment', async () => {
    await using opened = await open();
    expect(await opened.secrets.read({ tag: 'env', name: 'ELSEWHERE' })).toBe('of the environment');
  });
});
