import { expect, it } from 'vitest';
import { itemsInMemory } from '../../test/fixtures/items-in-memory.ts';
import { hasCode } from '../errors/penstock-error.ts';
import { Catalog } from './catalog.ts';
import { newTableRecord } from './records.ts';

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
