import { mkdtemp, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectoryStore } from './directory-store.ts';

const never = new AbortController().signal;

describe('a directory as a store', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'penstock-store-'));
  });
  afterAll(async () => rm(root, { recursive: true }));

  it('lets nobody else read what it writes', async () => {
    const store = new DirectoryStore(join(root, 'modes'));
    await store.put('a/b', Buffer.from('x'), never);
    expect((await stat(join(root, 'modes'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, 'modes/a'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, 'modes/a/b'))).mode & 0o777).toBe(0o600);
  });

  it('leaves no unfinished file behind a put that fails', async () => {
    const store = new DirectoryStore(join(root, 'failed'));
    async function* failing(): AsyncIterable<Buffer> {
      yield Buffer.from('x');
      await Promise.resolve();
      throw new Error('the source is gone');
    }
    await expect(store.put('a', failing(), never)).rejects.toThrow('the source is gone');
    expect(await readdir(join(root, 'failed/.unfinished'))).toEqual([]);
  });

  it('makes a directory again that somebody removed', async () => {
    const store = new DirectoryStore(join(root, 'removed'));
    await store.put('a/b', Buffer.from('x'), never);
    await rm(join(root, 'removed/a'), { recursive: true });
    await expect(store.put('a/b', Buffer.from('x'), never)).rejects.toMatchObject({ code: 'PS3003' });
    expect(await store.put('a/b', Buffer.from('x'), never)).toEqual({ key: 'a/b', size: 1 });
  });

  it('says PS3003 with the reason of the system where it cannot write', async () => {
    await writeFile(join(root, 'a-file'), '');
    const store = new DirectoryStore(join(root, 'a-file'));
    await expect(store.put('a', Buffer.from('x'), never)).rejects.toMatchObject({
      code: 'PS3003',
      retry: 'timed',
      message: expect.stringMatching(/writing a in .*a-file: E[A-Z]+/) as string,
    });
  });

  it('sees files of people who are not stores as no objects', async () => {
    const store = new DirectoryStore(join(root, 'strange'));
    await store.put('a', Buffer.from('x'), never);
    await writeFile(join(root, 'strange/.DS_Store'), 'x');
    await mkdir(join(root, 'strange/Lost'));
    await writeFile(join(root, 'strange/Lost/b'), 'x');
    expect(await Array.fromAsync(store.list('', never))).toEqual([{ key: 'a', size: 1 }]);
  });

  it('sweeps what ended processes left, and nobody else', async () => {
    const store = new DirectoryStore(join(root, 'swept'));
    const unfinished = join(root, 'swept/.unfinished');
    const now = 1_800_000_000_000;
    let seen: string[] = [];
    async function* body(): AsyncIterable<Buffer> {
      yield Buffer.from('under way');
      await writeFile(join(unfinished, 'some%2Felse%2Fmachine~old'), 'x');
      await utimes(join(unfinished, 'some%2Felse%2Fmachine~old'), 0, 0);
      await writeFile(join(unfinished, 'some%2Felse%2Fmachine~new'), 'x');
      await utimes(join(unfinished, 'some%2Felse%2Fmachine~new'), now / 1000, now / 1000);
      const own = (await readdir(unfinished)).find((name) => name.includes(`${process.pid}`)) ?? '';
      // A pid that no process has: Linux ends at 2^22.
      await writeFile(join(unfinished, own.replace(`%2F${process.pid}%2F`, '%2F9999999%2F')), 'x');
      await utimes(join(unfinished, own), now / 1000, now / 1000);
      expect(await readdir(unfinished)).toHaveLength(4);
      await new DirectoryStore(join(root, 'swept')).sweep(now);
      seen = await readdir(unfinished);
    }
    await store.put('a', body(), never);
    expect(seen.filter((name) => name.endsWith('~new'))).toHaveLength(1);
    expect(seen).toHaveLength(2);
    expect(await Array.fromAsync(store.list('', never))).toEqual([{ key: 'a', size: 9 }]);
  });
});
