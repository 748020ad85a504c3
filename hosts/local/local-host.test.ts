import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalHost } from './local-host.ts';

const environment = {};
const never = new AbortController().signal;

describe('the local host', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'penstock-state-'));
  });
  afterAll(async () => rm(directory, { recursive: true }));

  it('makes its state directory for its owner only', async () => {
    const state = join(directory, 'deep', 'new');
    await using host = await createLocalHost({ state, environment });
    await host.items.put({ partition: 'shop', sort: 'head' }, {}, null);
    await host.store.put('shop/extracts/1', Buffer.from('x'), never);
    host.events.emit({
      type: 'RowsQuarantined',
      pipeline: 'shop',
      generated: host.clock.timestamp(),
      table: 'a',
      rows: 1,
      reason: 'too long',
    });
    expect((await stat(state)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(state)) {
      expect((await stat(join(state, name))).mode & 0o077, name).toBe(0);
    }
    expect(await readFile(join(state, 'format'), 'utf8')).toBe('1\n');
  });

  it('finds again what was there, also from several at once', async () => {
    const state = join(directory, 'again');
    const hosts = await Promise.all(Array.from({ length: 5 }, async () => createLocalHost({ state, environment })));
    const key = { partition: 'shop', sort: 'head' };
    await hosts[0]!.items.put(key, { is: 'there' }, null);
    for (const host of hosts) expect((await host.items.get(key))?.value).toEqual({ is: 'there' });
    for (const host of hosts) await host[Symbol.asyncDispose]();
    await using host = await createLocalHost({ state, environment });
    expect((await host.items.get(key))?.value).toEqual({ is: 'there' });
    expect((await readdir(state)).filter((name) => name.startsWith('format'))).toEqual(['format']);
  });

  it('removes what a killed process left half written', async () => {
    const state = join(directory, 'swept');
    const first = await createLocalHost({ state, environment });
    await first.store.put('a', Buffer.from('x'), never);
    const unfinished = join(state, 'store/.unfinished');
    const machine = first.owner.split('/')[0] ?? '';
    await writeFile(join(unfinished, `${encodeURIComponent(`${machine}/999999999/1`)}~0123`), 'half');
    await first[Symbol.asyncDispose]();
    await (await createLocalHost({ state, environment }))[Symbol.asyncDispose]();
    expect(await readdir(unfinished)).toEqual([]);
  });

  it('refuses a state of another format with PS3006', async () => {
    const state = join(directory, 'other');
    await (await createLocalHost({ state, environment }))[Symbol.asyncDispose]();
    await writeFile(join(state, 'format'), '2\n');
    await expect(createLocalHost({ state, environment })).rejects.toMatchObject({ code: 'PS3006', retry: 'never' });
  });

  it('says PS3004 where the state directory cannot be made', async () => {
    await writeFile(join(directory, 'file'), '');
    const state = join(directory, 'file', 'state');
    await expect(createLocalHost({ state, environment })).rejects.toMatchObject({ code: 'PS3004' });
  });

  it('refuses an unknown failpoint before it touches anything', async () => {
    const state = join(directory, 'never-made');
    const wrong = { PENSTOCK_FAILPOINT: 'extract.never@1' };
    await expect(createLocalHost({ state, environment: wrong })).rejects.toMatchObject({ code: 'PS1001' });
    await expect(stat(state)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
