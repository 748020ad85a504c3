import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqliteItems } from './sqlite-items.ts';

const MODULE = new URL('./sqlite-items.ts', import.meta.url).href;

describe('items in SQLite', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'penstock-items-'));
  });
  afterAll(async () => rm(directory, { recursive: true }));

  it('takes up a file of before, and removes what has expired', async () => {
    const path = join(directory, 'before.sqlite');
    const database = new DatabaseSync(path);
    database.exec(`CREATE TABLE items (partition TEXT NOT NULL, sort TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL,
      PRIMARY KEY (partition, sort)) WITHOUT ROWID; INSERT INTO items VALUES ('shop', 'old', 1, '{}')`);
    database.close();
    using items = new SqliteItems(path);
    using again = new SqliteItems(path);
    const key = (sort: string) => ({ partition: 'shop', sort });
    await items.put(key('short'), {}, null, 1000);
    await items.put(key('long'), {}, null, 2000);
    await again.removeExpired(1999);
    const query = { partition: 'shop', prefix: '', after: null, limit: 10, descending: false };
    expect((await items.list(query)).map((item) => item.key.sort)).toEqual(['long', 'old']);
  });

  it('loses no count of several processes that open one new file at once', async () => {
    const path = join(directory, 'processes.sqlite');
    const program = `
      const { SqliteItems } = await import(${JSON.stringify(MODULE)});
      const items = new SqliteItems(${JSON.stringify(path)});
      const key = { partition: 'shop', sort: 'count' };
      for (let done = 0; done < 50;) {
        const found = await items.get(key);
        try {
          await items.put(key, { count: (found?.value.count ?? 0) + 1 }, found?.version ?? null);
          done++;
        } catch (error) {
          if (error.code !== 'PS3005') throw error;
        }
      }`;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'ignore', 'inherit'] }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit')) as unknown[]));
    expect(codes).toEqual(children.map(() => [0, null]));
    using items = new SqliteItems(path);
    expect((await items.get({ partition: 'shop', sort: 'count' }))?.value).toEqual({ count: 200 });
  });

  it('keeps its items over a new start', async () => {
    const path = join(directory, 'kept.sqlite');
    const key = { partition: 'shop', sort: 'head' };
    {
      using items = new SqliteItems(path);
      await items.put(key, { lastExtract: 7 }, null);
    }
    using items = new SqliteItems(path);
    expect(await items.get(key)).toEqual({ key, value: { lastExtract: 7 }, version: 1 });
    expect(await items.put(key, { lastExtract: 8 }, 1)).toBe(2);
  });

  it('says PS3004 and where, for what is no database, no directory, or closed', async () => {
    const path = join(directory, 'text.sqlite');
    await writeFile(path, 'this is no database, but a text that is long enough to be looked at. '.repeat(20));
    expect(() => new SqliteItems(path)).toThrow(/PS3004 .*text\.sqlite/);
    expect(() => new SqliteItems(join(directory, 'missing', 'a.sqlite'))).toThrow(/PS3004 .*missing/);
    const items = new SqliteItems(join(directory, 'closed.sqlite'));
    items[Symbol.dispose]();
    await expect(items.get({ partition: 'a', sort: 'b' })).rejects.toMatchObject({ code: 'PS3004', retry: 'timed' });
  });
});
