import { expect, inject, it } from 'vitest';
import { openFake, type OracleUnderTest } from '../../../test/contracts/source-connector/oracle/servers.ts';
import {
  changesOf,
  LogReader,
  NEVER,
  readToNow,
  select,
  transactionsOf,
} from '../../../test/contracts/source-connector/reading.ts';
import type { FakeOracle } from '../../../test/fixtures/oracle-fake/fake-oracle.ts';
import type { SourceEvent } from '../../changes/change.ts';
import {
  microsecondsFromTimestamp,
  millisecondsFromTimestamp,
  timestampFromMilliseconds,
} from '../../changes/timestamp.ts';
import { timeZone } from '../time-zone.ts';
import { oracleConnector } from './definition.ts';

const TESTED: readonly (readonly [string, OracleUnderTest])[] = [
  ['Oracle 19c', { type: 'oracle19c', extractType: 'continuousLogMiner' }],
  ['Continuous Log Miner of 18c', { type: 'oracle', extractType: 'continuousLogMiner', release: '18.3.0.0.0' }],
  ['Remote Log Miner', { type: 'oracle', extractType: 'remoteLogMiner' }],
  ['RAC (Pluggable Database), Log Miner', { type: 'oracleRacPluggable', extractType: 'logMiner' }],
];
/** In Berlin, far from now: the clock of this machine only counts on from there. */
const CHANGES = [
  ['back', '2040-10-28T01:00:00.000Z'],
  ['on', '2040-03-25T01:00:00.000Z'],
] as const;
const CASES = TESTED.flatMap((tested) => CHANGES.map((change) => [...tested, ...change] as const));
const BERLIN = timeZone('Europe/Berlin');
const MINUTE = 60_000;
const STEPS = [-75, -50, -35, -12, -1, 1, 15, 33, 52, 75];

/** Sets the database's clock, and that of its machine in Berlin. */
function setClock({ log }: FakeOracle, milliseconds: number): void {
  log.clockShift = milliseconds - Date.now();
  const offset = BERLIN.offsetAt(microsecondsFromTimestamp(timestampFromMilliseconds(milliseconds)));
  const minutes = Number(offset / 60_000_000n);
  if (log.zoneMinutes !== minutes) log.setZone(minutes);
}

/** Commit times in minutes from the change of the clock. A test does not last for minutes. */
function minutesOf(events: readonly SourceEvent[], change: number): number[] {
  const began = events.flatMap((event) => (event.tag === 'begin' ? [event.at] : []));
  return began.map((at) => Math.floor((millisecondsFromTimestamp(at) - change + 1000) / MINUTE));
}

it.each(CASES)('a reader tells commit times rightly while the clock is changed: %s, %s, set %s', async (...args) => {
  const [, tested, way, moment] = args;
  const change = Date.parse(moment);
  const { database: opened, oracle } = await openFake(inject('postgres'), `clock_${way}`, tested, oracleConnector);
  await using database = opened;
  setClock(oracle, change - 100 * MINUTE);
  await database.admin.run('CREATE TABLE thing (id INTEGER NOT NULL, PRIMARY KEY (id))');
  await using source = database.connect();
  const tables = [select(database, 'thing')];
  const start = await source.prepare(tables, null, NEVER);
  await using reader = await LogReader.open(source, start, tables);
  for (const [index, minutes] of STEPS.entries()) {
    // A look, as a reader has it every second.
    setClock(oracle, change + (minutes - 1) * MINUTE);
    await reader.readTo(await source.currentPosition(NEVER));
    setClock(oracle, change + minutes * MINUTE);
    await database.admin.run(`INSERT INTO thing VALUES (${index})`);
    await reader.readTo(await source.currentPosition(NEVER));
  }
  expect(minutesOf(reader.events, change)).toEqual(STEPS);
  expect(changesOf(reader.events)).toHaveLength(STEPS.length);
});

it.each(CASES)('one that comes back later wants the zone, and tells them by it: %s, %s, set %s', async (...args) => {
  const [, tested, way, moment] = args;
  const change = Date.parse(moment);
  const { database: opened, oracle } = await openFake(inject('postgres'), `zone_${way}`, tested, oracleConnector);
  await using database = opened;
  setClock(oracle, change - 100 * MINUTE);
  await database.admin.run('CREATE TABLE thing (id INTEGER NOT NULL, PRIMARY KEY (id))');
  await using source = database.connect();
  const tables = [select(database, 'thing')];
  const start = await source.prepare(tables, null, NEVER);
  for (const [index, minutes] of STEPS.entries()) {
    setClock(oracle, change + minutes * MINUTE);
    await database.admin.run(`INSERT INTO thing VALUES (${index})`);
  }
  setClock(oracle, change + 300 * MINUTE);
  await expect(readToNow(source, start, tables)).rejects.toMatchObject({
    code: 'PS2013',
    message: expect.stringContaining('the clock was changed between 2040-') as string,
    remedy: expect.stringContaining('source.serverTimeZone') as string,
  });
  await using knowing = database.connect({ settings: { serverTimeZone: 'Europe/Berlin' } });
  const { events } = await readToNow(knowing, start, tables);
  expect(minutesOf(events, change)).toEqual(STEPS);
  // From every place again, as after a restart.
  for (const [index, { end }] of transactionsOf(events).entries()) {
    if (index % 3 > 0) continue;
    const { events: rest } = await readToNow(knowing, end, tables);
    expect(minutesOf(rest, change)).toEqual(STEPS.slice(index + 1));
  }
  await using mistaken = database.connect({ settings: { serverTimeZone: 'America/New_York' } });
  await expect(readToNow(mistaken, start, tables)).rejects.toMatchObject({ code: 'PS2013' });
});
