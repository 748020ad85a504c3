import { expect, it } from 'vitest';
import { selectionOf } from '../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { replicatedTable } from './describe.ts';
import { loggedTable } from './logged-table.ts';
import { CapturedRows, isChanged } from './row-reader.ts';
import type { SourceColumn, SourceTable } from './source-table.ts';
import type { SourceType } from './values/source-type.ts';

function column(name: string, type: SourceType, place: number | null = null): SourceColumn {
  return {
    name,
    columnId: name.length,
    type,
    declared: type.tag,
    nullable: place === null,
    isComputed: false,
    default: null,
    collation: null,
    placeInPrimaryKey: place,
  };
}

const id = column('i', { tag: 'integer', bits: 32 }, 1);
const note = column('note', { tag: 'varchar', isUnicode: true, characters: null });

function rowsOf(columns: readonly SourceColumn[]): CapturedRows {
  const source: SourceTable = {
    table: { schema: 'dbo', name: 't' },
    objectId: '1',
    isInMemory: false,
    temporal: 'no',
    columns,
  };
  const policies = { zeroLengthStrings: 'keep', seventhDigit: 'text', zonedTimes: 'utc' } as const;
  const table = replicatedTable(source, selectionOf('t'), { changes: 'capture', policies });
  return new CapturedRows(
    loggedTable(table),
    columns.map((_, index) => index + 1),
  );
}

function row(operation: string, mask: string, ...values: (string | null)[]): (string | null)[] {
  return ['0A', '1', '0B', operation, mask, ...values];
}

it.each([
  ['03', 1, true],
  ['03', 2, true],
  ['03', 3, false],
  ['0100', 9, true],
  ['0100', 1, false],
  ['80', 8, true],
  ['', 1, false],
  // A column that the instance does not number is never missing.
  ['00', 0, true],
])('bit of mask %s, column %i: %s', (mask, ordinal, changed) => {
  expect(isChanged(mask, ordinal)).toBe(changed);
});

it.each([
  ['was not changed, and is missing', '00', null, undefined],
  ['was set to NULL', '02', null, null],
  ['was changed', '02', 'text', 'text'],
  ['was not changed, and is there', '00', 'text', 'text'],
])('a large value that %s', (_, mask, image, value) => {
  const change = { op: 'update', before: null, after: ['1', value] };
  const pair = [row('3', mask, '1', null), row('4', mask, '1', image)] as const;
  expect(rowsOf([id, note]).next(...pair)).toMatchObject({ change, rows: 2 });
});

it.each([
  ['one sequence value is one change of the key', '0B', 2],
  ['two sequence values are two changes', '0C', 1],
])('a delete and an insert with %s', (_, sequence, count) => {
  const [lsn, command, , ...rest] = row('2', '03', '2', null);
  const inserted = [lsn!, command!, sequence, ...rest];
  const { change, rows } = rowsOf([id, note]).next(row('1', '03', '1', null), inserted);
  expect(rows).toBe(count);
  expect(change).toMatchObject(
    count === 2
      ? { op: 'update', before: ['1', undefined], after: ['2', null] }
      : { op: 'delete', before: ['1', undefined] },
  );
});

it('of a deleted row its key is kept, of a table without a key the whole row', () => {
  const keyed = rowsOf([id, note]).next(row('1', '03', '1', null), undefined);
  expect(keyed.change).toMatchObject({ op: 'delete', before: ['1', undefined] });
  const plain = [column('a', { tag: 'integer', bits: 32 }), column('bb', { tag: 'integer', bits: 32 })];
  const whole = rowsOf(plain).next(row('1', '03', '1', null), undefined);
  expect(whole.change).toMatchObject({ op: 'delete', before: ['1', null] });
});

it('an update of a table without a key has both rows', () => {
  const { change } = rowsOf([column('a', { tag: 'integer', bits: 32 })]).next(row('3', '01', '1'), row('4', '01', '2'));
  expect(change).toMatchObject({ op: 'update', before: ['1'], after: ['2'] });
});

it.each([
  ['an update without its old row', [row('4', '01', '1', 'x')]],
  ['two old rows', [row('3', '01', '1', null), row('3', '01', '2', null)]],
  ['an insert behind an old row', [row('3', '01', '1', null), row('2', '01', '2', 'x')]],
  ['an old row alone', [row('3', '01', '1', null)]],
])('%s cannot be decoded', (_, images) => {
  const [first, second] = images;
  expect(() => rowsOf([id, note]).next(first!, second)).toThrow(expect.objectContaining({ code: 'PS2008' }));
});

it('a table whose rows are told by a large value cannot be captured', () => {
  expect(() => rowsOf([column('a', { tag: 'integer', bits: 32 }), note])).toThrow(
    expect.objectContaining({ code: 'PS2011' }),
  );
});
