import { describe, expect, it } from 'vitest';
import { catalogOf, selectionOf, type ScriptedColumn } from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { ScriptedSession } from '../../../test/fixtures/oracle-scripted/session.ts';
import { microsecondsFromTimestamp } from '../../changes/timestamp.ts';
import { replicatedTable } from './describe.ts';
import { pollColumnOf, pollConditions, type PollColumn } from './poll-column.ts';
import { readSourceTables } from './source-table.ts';

const SETTINGS = { lagSeconds: 5, overlapSeconds: 0, timestampZone: '-05:30' };
const NOW = microsecondsFromTimestamp('2026-11-21T09:00:00.000000Z');
const ID: ScriptedColumn = { name: 'ID', precision: 10, scale: 0, isKey: true };

async function polled(column: Omit<ScriptedColumn, 'name'>, key = ID): Promise<PollColumn> {
  const session = new ScriptedSession(catalogOf('ORD', [key, { name: 'V', nullable: true, ...column }]));
  const [source] = await readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }]);
  if (source === undefined) throw new Error('no table');
  const policies = { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' } as const;
  const selection = selectionOf('ORD', { timestampColumn: 'V' });
  return pollColumnOf(replicatedTable(source, selection, { fromLogs: false, policies }));
}

describe('what a poll asks for', () => {
  it.each<[string, ScriptedColumn['type'], string | null, Partial<typeof SETTINGS>, readonly string[]]>([
    [
      'all rows up to the lag, by the clock of the zone',
      'TIMESTAMP(6)',
      null,
      {},
      ['isSet', 'upTo 2026-11-21 03:29:55.000000'],
    ],
    [
      'rows above a mark',
      'TIMESTAMP(9)',
      '2026-01-01 00:00:00.123456789',
      {},
      ['above 2026-01-01 00:00:00.123456789', 'upTo 2026-11-21 03:29:55.000000'],
    ],
    [
      'some of them again',
      'TIMESTAMP(6)',
      '2026-01-01 00:00:10.500000000',
      { overlapSeconds: 20 },
      ['above 2025-12-31 23:59:50.500000', 'upTo 2026-11-21 03:29:55.000000'],
    ],
    [
      'times with a zone in UTC',
      'TIMESTAMP(6) WITH TIME ZONE',
      '2026-01-01 00:00:10.000000000 +02:00',
      { overlapSeconds: 1 },
      ['above 2025-12-31 22:00:09.000000 +00:00', 'upTo 2026-11-21 08:59:55.000000 +00:00'],
    ],
    [
      'local times in UTC',
      'TIMESTAMP(6) WITH LOCAL TIME ZONE',
      '2026-01-01 00:00:10.000000000',
      {},
      ['above 2026-01-01 00:00:10.000000000', 'upTo 2026-11-21 08:59:55.000000'],
    ],
    [
      'a DATE to the second',
      'DATE',
      '2026-01-01 00:00:10',
      {},
      ['above 2026-01-01 00:00:10', 'upTo 2026-11-21 03:29:55'],
    ],
    [
      'a day again, which may not have been over',
      'DATE',
      '2026-01-02 00:00:00',
      {},
      ['above 2026-01-01 00:00:00', 'upTo 2026-11-21 03:29:55'],
    ],
    ['numbers without a bound', 'NUMBER', '17', { overlapSeconds: 9 }, ['above 17']],
  ])('is %s', async (_, type, mark, more, expected) => {
    const conditions = pollConditions(await polled({ type: type ?? 'NUMBER', scale: 6 }), mark, NOW, {
      ...SETTINGS,
      ...more,
    });
    expect(
      conditions.map((condition) => ('text' in condition ? `${condition.tag} ${condition.text}` : condition.tag)),
    ).toEqual(expected);
  });

  it('a text is no mark, and a table without a key has none', async () => {
    await expect(polled({ type: 'VARCHAR2', length: 5 })).rejects.toMatchObject({ code: 'PS1001' });
    await expect(polled({ type: 'DATE' }, { name: 'ID', precision: 10, scale: 0 })).rejects.toMatchObject({
      code: 'PS2011',
    });
  });
});
