import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteItems } from '../../hosts/local/sqlite-items.ts';
import { itemTableContract } from './item-table.ts';

itemTableContract('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'penstock-items-'));
  const items = new SqliteItems(join(directory, 'catalog.sqlite'));
  const another = new SqliteItems(join(directory, 'catalog.sqlite'));
  return {
    items,
    another,
    [Symbol.asyncDispose]: async () => {
      items[Symbol.dispose]();
      another[Symbol.dispose]();
      await rm(directory, { recursive: true });
    },
  };
});
