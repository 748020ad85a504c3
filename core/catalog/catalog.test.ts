import { expect, it } from 'vitest';
import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import { Catalog } from './catalog.ts';
import type { Item, ItemTable } from './item-table.ts';
import { newTableRecord } from './records.ts';

function itemsInMemory(): ItemTable {
  const items = new Map<string, Item>();
  return {
    get: (key) => Promise.resolve(items.get(key.sort) ?? null),
    put: (key, value, expected) => {
      if ((items.get(key.sort)?.version ?? null) !== expected) {
        return Promise.reject(new PenstockError('PS3005', key.sort));
      }
      const version = (expected ?? 0) + 1;
      items.set(key.sort, { key, value, version });
      return Promise.resolve(version);
    },
    remove: (key) => Promise.resolve(void items.delete(key.sort)),
    list: () => Promise.resolve([...items.values()]),
  };
}

const lease = (epoch: number) => ({ role: 'loader', epoch }) as const;

it('lets no older lease write over the record of a newer one', async () => {
  const host = {
    items: itemsInMemory(),
    clock: { now: () => 0, timestamp: () => '', sleep: () => Promise.resolve() },
    randomness: { identifier: () => 'token', fraction: () => 0 },
  };
  const catalog = new Catalog('p', host);
  await catalog.updateTable('s.t', lease(1), () => newTableRecord('s.t'));
  const written = await catalog.updateTable('s.t', lease(3), (before) => ({
    ...(before ?? newTableRecord('s.t')),
    state: { tag: 'following' },
  }));
  expect(written.epoch).toBe(3);
  const stale = catalog.updateTable('s.t', lease(2), () => ({ ...newTableRecord('s.t'), state: { tag: 'copying' } }));
  await expect(stale).rejects.toSatisfy((error) => hasCode(error, 'PS3002'));
  expect((await catalog.table('s.t'))?.record.state.tag).toBe('following');
});
