import { expect, it } from 'vitest';
import { microsecondsFromTimestamp } from '../../changes/timestamp.ts';
import { selectionOf } from '../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { pollColumnOf, pollConditions } from './poll-column.ts';
import type { SourceType } from './values/source-type.ts';

const policies = { zeroLengthStrings: 'keep', seventhDigit: 'text', zonedTimes: 'utc' } as const;

function tableWith(type: SourceType, hasKey = true): ReplicatedTable {
  const column = {
    columnId: 1,
    declared: type.tag,
    nullable: false,
    isComputed: false,
    default: null,
    collation: null,
  };
  const columns = [
    { ...column, name: 'id', type: { tag: 'integer', bits: 32 } as const, placeInPrimaryKey: hasKey ? 1 : null },
    { ...column, name: 'at', columnId: 2, type, placeInPrimaryKey: null },
  ];
  const source = {
    table: { schema: 'dbo', name: 't' },
    objectId: '1',
    isInMemory: false,
    temporal: 'no',
    columns,
  } as const;
  return replicatedTable(source, { ...selectionOf('t'), timestampColumn: 'at' }, { changes: null, policies });
}

const NOW = microsecondsFromTimestamp('2026-11-21T09:00:40.123456Z');
const BOUNDS = { microseconds: NOW, openRowversion: '00000000000007E0' };
const settings = { lagSeconds: 5, overlapSeconds: 0, timestampZone: '+00:00' };

function textsOf(type: SourceType, mark: string | null, changed: Partial<typeof settings> = {}): string[] {
  const conditions = pollConditions(pollColumnOf(tableWith(type)), mark, BOUNDS, { ...settings, ...changed });
  return conditions.map((condition) => ('text' in condition ? `${condition.tag} ${condition.text}` : condition.tag));
}

it.each<[SourceType, string | null, Partial<typeof settings>, string[]]>([
  [{ tag: 'rowversion' }, '00000000000007D1', {}, ['above 00000000000007D1', 'below 00000000000007E0']],
  [{ tag: 'rowversion' }, null, {}, ['isSet', 'below 00000000000007E0']],
  [{ tag: 'integer', bits: 64 }, '17', {}, ['above 17']],
  [{ tag: 'datetime2', fraction: 7 }, null, {}, ['isSet', 'upTo 2026-11-21 09:00:35.123456']],
  [{ tag: 'datetime2', fraction: 0 }, null, {}, ['isSet', 'upTo 2026-11-21 09:00:35']],
  [{ tag: 'datetime' }, null, {}, ['isSet', 'upTo 2026-11-21 09:00:35.123']],
  // The server would round half a minute up, to a time that is not over.
  [{ tag: 'smalldatetime' }, null, {}, ['isSet', 'upTo 2026-11-21 09:00:00']],
  [{ tag: 'datetime' }, null, { timestampZone: '-05:30' }, ['isSet', 'upTo 2026-11-21 03:30:35.123']],
  [
    { tag: 'datetimeoffset', fraction: 3 },
    null,
    { timestampZone: '-05:30' },
    ['isSet', 'upTo 2026-11-21 09:00:35.123'],
  ],
  [
    { tag: 'datetime2', fraction: 3 },
    '2026-11-21 00:00:01.500',
    { overlapSeconds: 2.5 },
    ['above 2026-11-20 23:59:59.000', 'upTo 2026-11-21 09:00:35.123'],
  ],
  [
    { tag: 'datetimeoffset', fraction: 0 },
    '2026-11-21 00:00:01 +02:00',
    { overlapSeconds: 2 },
    ['above 2026-11-20 23:59:59 +02:00', 'upTo 2026-11-21 09:00:35'],
  ],
  // A day is not over when it is read.
  [{ tag: 'date' }, '2026-03-01', {}, ['above 2026-02-28']],
  [{ tag: 'date' }, '0001-01-01', {}, ['isSet']],
  // Before the first value of a type there is none that the server would take.
  [{ tag: 'datetime' }, '1753-01-01 00:00:01.000', { overlapSeconds: 2 }, ['isSet', 'upTo 2026-11-21 09:00:35.123']],
  [
    { tag: 'datetime2', fraction: 0 },
    '0001-01-01 00:00:00',
    { overlapSeconds: 2 },
    ['isSet', 'upTo 2026-11-21 09:00:35'],
  ],
  // Without an overlap a mark stays as it is, with its seventh digit.
  [
    { tag: 'datetime2', fraction: 7 },
    '2026-11-21 00:00:01.1234567',
    {},
    ['above 2026-11-21 00:00:01.1234567', 'upTo 2026-11-21 09:00:35.123456'],
  ],
])('%j above %s with %j', (type, mark, changed, expected) => {
  expect(textsOf(type, mark, changed)).toEqual(expected);
});

it('refuses what does not grow, and tables whose changed rows could not be found again', () => {
  const text = tableWith({ tag: 'varchar', isUnicode: true, characters: 10 });
  expect(() => pollColumnOf(text)).toThrow(expect.objectContaining({ code: 'PS1001' }));
  expect(() => pollColumnOf(tableWith({ tag: 'rowversion' }, false))).toThrow(
    expect.objectContaining({ code: 'PS2011' }),
  );
});
