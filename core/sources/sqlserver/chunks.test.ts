import { expect, it } from 'vitest';
import { selectionOf } from '../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { ScriptedSession } from '../../../test/fixtures/sqlserver-scripted/session.ts';
import { planChunks, rangeConditions } from './chunks.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import type { SourceType } from './values/source-type.ts';

const policies = { zeroLengthStrings: 'keep', seventhDigit: 'text', zonedTimes: 'utc' } as const;

function tableBy(type: SourceType): ReplicatedTable {
  const column = {
    name: 'k',
    columnId: 1,
    declared: type.tag,
    nullable: false,
    isComputed: false,
    default: null,
    collation: null,
  };
  const columns = [{ ...column, type, placeInPrimaryKey: 1 }];
  const source = {
    table: { schema: 'dbo', name: 't' },
    objectId: '1',
    isInMemory: false,
    temporal: 'no',
    columns,
  } as const;
  return replicatedTable(source, { ...selectionOf('t'), where: 'k <> 3' }, { changes: null, policies });
}

function session(boundaries: readonly string[]): ScriptedSession {
  return new ScriptedSession({
    tableSize: () => [['1000', '100']],
    boundaries: () => boundaries.map((text) => [text]),
  });
}

it('whole numbers make ranges that can be resumed; a repeated boundary is none', async () => {
  const scripted = session(['10', '10', '20']);
  const ranges = await planChunks(scripted, tableBy({ tag: 'integer', bits: 32 }), 250);
  expect(ranges).toMatchObject([
    { tag: 'key', compareAs: 'number', after: null, upTo: '10' },
    { tag: 'key', after: '10', upTo: '20' },
    { tag: 'key', after: '20', upTo: null },
  ]);
  expect(scripted.asked.at(-1)).toMatchObject({ tag: 'boundaries', every: 25 });
});

it.each<SourceType>([
  { tag: 'varchar', isUnicode: true, characters: 10 },
  { tag: 'uniqueidentifier' },
  { tag: 'decimal', precision: 10, scale: 2 },
])('of %j only the server knows the order', async (type) => {
  const table = tableBy(type);
  const ranges = await planChunks(session(['a', `b'`]), table, 250);
  expect(ranges.map(({ tag }) => tag)).toEqual(['pages', 'pages', 'pages']);
  expect(
    ranges.map((range) => rangeConditions(table, range).map((one) => ('text' in one ? one.text : one.tag))),
  ).toEqual([
    ['a', 'chosen'],
    ['a', `b'`, 'chosen'],
    [`b'`, 'chosen'],
  ]);
});

it.each<[string, SourceType, number]>([
  ['a small table', { tag: 'integer', bits: 32 }, 900],
  ['a key that is not sorted as it is compared', { tag: 'float', bits: 53 }, 100],
])('%s is one chunk', async (_, type, bytes) => {
  expect(await planChunks(session(['1']), tableBy(type), bytes)).toEqual([{ tag: 'whole' }]);
});
