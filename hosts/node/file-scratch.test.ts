import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileScratch } from './file-scratch.ts';

describe('scratch files', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'penstock-scratch-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('give back what was appended, wherever it is read', async () => {
    await using file = await new FileScratch(join(root, 'scratch')).open();
    const all: Buffer[] = [];
    for (const count of [1, 0, 3000]) {
      const buffers = Array.from({ length: count }, (_, index) => Buffer.from(`${count}:${index};`));
      await file.append(buffers);
      all.push(...buffers);
    }
    const bytes = Buffer.concat(all);
    expect(await file.read(0, bytes.length)).toEqual(bytes);
    expect(await file.read(17, 4000)).toEqual(bytes.subarray(17, 4017));
    await expect(file.read(bytes.length - 1, 2)).rejects.toMatchObject({ code: 'PS9001' });
  });

  it('have no name that anybody could open, in a folder that only this user may enter', async () => {
    const folder = join(root, 'scratch');
    const scratch = new FileScratch(folder);
    await using one = await scratch.open();
    await using other = await scratch.open();
    await one.append([Buffer.from('one')]);
    await other.append([Buffer.from('other')]);
    expect((await one.read(0, 3)).toString()).toBe('one');
    expect((await other.read(0, 5)).toString()).toBe('other');
    expect(await readdir(folder)).toEqual([]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('say where there is no room for them', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(new FileScratch(join(root, 'file')).open()).rejects.toMatchObject({ code: 'PS3003' });
  });
});
