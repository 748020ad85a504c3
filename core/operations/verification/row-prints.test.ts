import { expect, it } from 'vitest';
import { tableSchema, type Column } from '../../changes/table-schema.ts';
import { rowKey } from '../../changes/row-key.ts';
import { differenceOf, printOf } from './row-prints.ts';

const column = (name: string, type: Column['type']): Column => ({
  ...{ name, type, nullable: true, sourceType: type.tag, backfill: null },
});
const schema = tableSchema({
  table: { schema: 's', name: 't' },
  columns: [
    column('id', { tag: 'decimal', precision: 9, scale: 2 }),
    column('at', { tag: 'datetime', fraction: 3 }),
    column('ratio', { tag: 'double' }),
    column('raw', { tag: 'binary', maxBytes: null }),
    column('note', { tag: 'text', maxCharacters: null }),
  ],
  identity: { tag: 'key', columns: ['id', 'at'] },
});
const at = '2026-01-01 00:00:00';
const long = 'x'.repeat(1000);

it('finds texts of one value alike, and names the columns that differ', () => {
  const print = (...values: (string | null)[]) => printOf(schema, values);
  const source = print('1.5', `${at}.1`, '1e21', 'FF', long);
  expect(differenceOf(schema, source, print('1.50', `${at}.100`, '1000000000000000000000', 'ff', long))).toBeNull();
  const other = print('1.5', `${at}.1`, '1', null, `${long}y`);
  expect(differenceOf(schema, source, other)).toEqual({ kind: 'different', columns: ['ratio', 'raw', 'note'] });
  expect(differenceOf(schema, source, undefined)?.kind).toBe('missing at destination');
  expect(differenceOf(schema, undefined, source)?.kind).toBe('extra at destination');
  expect(differenceOf(schema, undefined, undefined)).toBeNull();
  expect(print(null), 'NULL is not the text of its sign').not.toEqual(print('-'));
});

it('one key has one name, however its texts were printed', () => {
  expect(rowKey(schema, ['1.5', `${at}.1`])).toBe(rowKey(schema, ['1.50', `${at}.100`]));
  expect(rowKey(schema, ['1.5', `${at}.1`])).not.toBe(rowKey(schema, ['1.51', `${at}.1`]));
});
