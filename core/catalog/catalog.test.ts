import { expect, it } from 'vitest';
import { itemsInMemory } from '../../test/fixtures/items-in-memory.ts';
import { hasCode } from '../errors/penstock-error.ts';
import { Catalog } from './catalog.ts';
import { extractSort } from './head-writer.ts';
import { newTableRecord } from './records.ts';

const lease = (epoch: number) => ({ role: 'loader', epoch, isPlaceWanted: () => false }) as const;

function memoryHost() {
  return {
    items: itemsInMemory(),
    clock: { now: () => 0, timestamp: () => '', sleep: () => Promise.resolve() },
    randomness: { identifier: () => 'token', fraction: () => 0 },
  };
}

it('lets no older lease write over the record of a newer one', async () => {
  const catalog = new Catalog('p', memoryHost());
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

it('says which visible extract is not there, also where none at all is', async () => {
  const host = memoryHost();
  const catalog = new Catalog('p', host);
  const lineage = 'log';
  const head = await catalog.openHead({ role: 'reader', epoch: 1, isPlaceWanted: () => false });
  await head.setPosition({ lineage, order: '0', resume: '' });
  for (let number = 1; number <= 3; number++) {
    const [from, to] = [String(number - 1), String(number)].map((order) => ({ lineage, order, resume: '' }));
    if (from === undefined || to === undefined) throw new Error('a position is missing');
    const object = { key: `k${number}`, size: 1, manifestOffset: 0, manifestLength: 1, manifestSha256: '' };
    const counts = { rows: 1, bytes: 1, tables: 1, startedAt: null, dbDelay: 0, sourceDate: '', createdAt: '' };
    await head.commit({ number, from, to, object, ...counts }, () => Promise.resolve());
  }
  expect((await catalog.extractsAfter(0, 10)).map(({ number }) => number)).toEqual([1, 2, 3]);
  await host.items.remove({ partition: 'p', sort: extractSort(1) });
  await expect(catalog.extractsAfter(0, 10)).rejects.toThrow('has no extract 1');
  expect(await catalog.extractsAfter(1, 1)).toHaveLength(1);
  await host.items.remove({ partition: 'p', sort: extractSort(2) });
  await host.items.remove({ partition: 'p', sort: extractSort(3) });
  await expect(catalog.extractsAfter(2, 10)).rejects.toThrow('has no extract 3');
});
