import { expect, it } from 'vitest';
import type { RowChange, RowValues } from '../changes/change.ts';
import type { ChunkRange } from '../changes/copy-mark.ts';
import { tableSchema, type Column } from '../changes/table-schema.ts';
import { TransactionAssembler } from './transaction-assembler.ts';

const column = (name: string, tag: 'double' | 'boolean' = 'double'): Column => ({
  name,
  type: { tag },
  nullable: false,
  sourceType: tag,
  backfill: null,
});
const schema = tableSchema({
  table: { schema: 's', name: 't' },
  columns: [column('id'), column('big')],
  identity: { tag: 'key', columns: ['id'] },
});
const range = (after: string | null, upTo: string | null): ChunkRange => ({
  tag: 'key',
  column: 'id',
  compareAs: 'number',
  after,
  upTo,
});

/** Keys up to 9 were copied at 30, those above at 50. */
function assembler(): TransactionAssembler {
  const it = new TransactionAssembler([
    {
      id: 's.t',
      selection: { table: schema.table, key: null, mask: [], where: null, typeChange: {}, timestampColumn: null },
      keeping: { transfer: 'mirror', maxUpdates: null },
      marks: [
        { range: range(null, '9'), order: '30' },
        { range: range('9', null), order: '50' },
      ],
    },
  ]);
  it.add({ tag: 'schema', schema });
  it.add({ tag: 'begin', at: '2026-01-01T00:00:00.000000Z', order: '40' });
  return it;
}

const moved = (before: RowValues, after: RowValues): RowChange => ({
  schema,
  op: 'update',
  before,
  after,
  misfit: null,
});

it('takes a row that moved between chunks of two snapshots when all its values came with it', () => {
  const it = assembler();
  it.add({ tag: 'row', change: moved(['12', undefined], ['5', 'x']) });
  expect(it.seal().map((part) => part.obstacle)).toEqual([null]);
});

it('stops the table when the values of such a row are in neither chunk', () => {
  const it = assembler();
  it.add({ tag: 'row', change: moved(['12', undefined], ['5', undefined]) });
  expect(it.seal().map((part) => part.obstacle !== null)).toEqual([true]);
});

it('stops the table when it is truncated between the two snapshots', () => {
  const it = assembler();
  it.add({ tag: 'truncate', table: schema.table });
  const parts = it.seal();
  expect(parts.map((part) => [part.obstacle !== null, part.truncatedAt])).toEqual([[true, null]]);
});
