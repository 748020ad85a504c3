import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnvironmentSecrets } from './environment-secrets.ts';

describe('secrets of the local host', () => {
  const secrets = new EnvironmentSecrets({ SET: ' kept as it is\n', EMPTY: '' });
  let directory: string;
  const file = async (name: string, text: string, mode: number) => {
    const path = join(directory, name);
    await writeFile(path, text);
    await chmod(path, mode);
    return { tag: 'file', path } as const;
  };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'penstock-secrets-'));
  });
  afterAll(async () => rm(directory, { recursive: true }));

  it('reads a variable as it is', async () => {
    expect(await secrets.read({ tag: 'env', name: 'SET' })).toBe(' kept as it is\n');
  });

  it.each(['MISSING', 'EMPTY'])('says PS1002 for variable %s and how to set it', async (name) => {
    await expect(secrets.read({ tag: 'env', name })).rejects.toMatchObject({
      code: 'PS1002',
      retry: 'manual',
      remedy: `export ${name}=…`,
    });
  });

  it.each([
    ['secret', 'secret'],
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['secret\n\n', 'secret\n'],
    [' secret ', ' secret '],
  ])('reads %j from a file as %j', async (text, secret) => {
    for (const mode of [0o600, 0o400]) expect(await secrets.read(await file('good', text, mode))).toBe(secret);
    await rm(join(directory, 'good'));
  });

  it.each([0o640, 0o604, 0o610, 0o660, 0o777])('refuses a file of mode %o, without its text', async (mode) => {
    const reference = await file(`mode-${mode}`, 'shown-to-nobody', mode);
    const error: unknown = await secrets.read(reference).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'PS1002', remedy: `chmod 600 ${reference.path}` });
    expect(String(error)).not.toContain('shown-to-nobody');
    expect(String(error)).toContain(`mode 0${mode.toString(8)}`);
  });

  it('says PS1002 for a file that is missing, empty, or a directory', async () => {
    const missing = { tag: 'file', path: join(directory, 'missing') } as const;
    await expect(secrets.read(missing)).rejects.toMatchObject({ code: 'PS1002' });
    await expect(secrets.read(missing)).rejects.toThrow('ENOENT');
    await expect(secrets.read(await file('empty', '\n', 0o600))).rejects.toMatchObject({ code: 'PS1002' });
    await chmod(directory, 0o700);
    await expect(secrets.read({ tag: 'file', path: directory })).rejects.toMatchObject({ code: 'PS1002' });
  });
});
