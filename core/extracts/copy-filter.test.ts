import { describe, expect, it } from 'vitest';
import type { CopyMark } from '../changes/copy-mark.ts';
import type { RowChange } from '../changes/change.ts';
import { tableSchema } from '../changes/table-schema.ts';
import { CopyFilter } from './copy-filter.ts';

const id = {
  name: 'id',
  type: { tag: 'integer', bits: 64, unsigned: false },
  nullable: false,
  sourceType: 'bigint',
  backfill: null,
} as const;
const schema = tableSchema({
  table: { schema: 's', name: 't' },
  columns: [id],
  identity: { tag: 'key', columns: ['id'] },
});
const range = (after: string | null, upTo: string | null) =>
  ({ tag: 'key', column: 'id', compareAs: 'number', after, upTo }) as const;
/** Keys up to 9 were copied at 30, the rest at 50. */
const marks: CopyMark[] = [
  { range: range(null, '9'), order: '30' },
  { range: range('9', null), order: '50' },
];
const update = (before: string | null, after: string): RowChange => ({
  schema,
  op: 'update',
  before: before === null ? null : [before],
  after: [after],
  misfit: null,
});

describe('copy filter', () => {
  const filter = new CopyFilter(marks);

  it('drops what every chunk has and passes what none has', () => {
    expect(filter.remainder(update(null, '5'), '29')).toBeNull();
    expect(filter.remainder(update(null, '5'), '50')).not.toBeNull();
    expect([filter.isPast('49'), filter.isPast('50')]).toEqual([false, true]);
  });

  it('asks the chunk of the row in between, comparing keys as numbers', () => {
    expect(filter.remainder(update(null, '9'), '30')).not.toBeNull();
    expect(filter.remainder(update(null, '10'), '30')).toBeNull();
  });

  it('splits a change of key between chunks', () => {
    expect(filter.remainder(update('5', '10'), '40')).toMatchObject({ op: 'delete', before: ['5'], after: null });
    expect(filter.remainder(update('10', '5'), '40')).toMatchObject({ op: 'insert', before: null, after: ['5'] });
  });

  it('tells how much of the copy saw a truncate', () => {
    expect(['29', '30', '49', '50'].map((order) => filter.truncateSeenBy(order))).toEqual([
      'all',
      'some',
      'some',
      'none',
    ]);
  });
});
