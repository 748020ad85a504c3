import { expect, inject, it } from 'vitest';
import {
  LogReader,
  NEVER,
  readToNow,
  select,
  transactionsOf,
} from '../../../../test/contracts/source-connector/reading.ts';
import { fakeSqlserver, type FakeUnderTest } from '../../../../test/contracts/source-connector/sqlserver/servers.ts';
import type { SourceEvent } from '../../../changes/change.ts';
import { millisecondsFromTimestamp } from '../../../changes/timestamp.ts';

/** In Berlin, far from now: the clock of this machine only counts on from there. */
const CHANGES = [
  ['back', '2040-10-28T01:00:00.000Z'],
  ['on', '2040-03-25T01:00:00.000Z'],
] as const;
const MINUTE = 60_000;
const STEPS = [-75, -50, -35, -12, -1, 1, 15, 33, 52, 75];

/** Sets the clock of the server, which runs in Berlin. */
function setClock({ admin }: FakeUnderTest, milliseconds: number): Promise<void> {
  const at = new Date(milliseconds).toISOString();
  return admin.run(
    `UPDATE fake.settings SET zone = 'Europe/Berlin', clock_shift = '${at}'::timestamptz - clock_timestamp()`,
  );
}

/** Commit times in minutes from the change of the clock. A test does not last for minutes. */
function minutesOf(events: readonly SourceEvent[], change: number): number[] {
  return transactionsOf(events).map(({ at }) => Math.floor((millisecondsFromTimestamp(at) - change + 1000) / MINUTE));
}

it.each(CHANGES)('a reader tells commit times rightly while the clock is set %s', async (way, moment) => {
  const change = Date.parse(moment);
  await using database = await fakeSqlserver(inject('postgres'), 'cdc').database(`clock_${way}`);
  await setClock(database, change - 100 * MINUTE);
  await database.admin.run('CREATE TABLE thing (id INTEGER NOT NULL, PRIMARY KEY (id))');
  await using source = database.connect();
  const tables = [select(database, 'thing')];
  const start = await source.prepare(tables, null, NEVER);
  await using reader = await LogReader.open(source, start, tables);
  for (const [index, minutes] of STEPS.entries()) {
    // A look, as a reader has it every second.
    await setClock(database, change + (minutes - 1) * MINUTE);
    await reader.readTo(await source.currentPosition(NEVER));
    await setClock(database, change + minutes * MINUTE);
    await database.admin.run(`INSERT INTO thing VALUES (${index})`);
    await reader.readTo(await source.currentPosition(NEVER));
  }
  expect(minutesOf(reader.events, change)).toEqual(STEPS);
});

it.each(CHANGES)('one that comes back later wants the zone, and tells them by it: set %s', async (way, moment) => {
  const change = Date.parse(moment);
  await using database = await fakeSqlserver(inject('postgres'), 'cdc').database(`zone_${way}`);
  await setClock(database, change - 100 * MINUTE);
  await database.admin.run('CREATE TABLE thing (id INTEGER NOT NULL, PRIMARY KEY (id))');
  await using source = database.connect();
  const tables = [select(database, 'thing')];
  const start = await source.prepare(tables, null, NEVER);
  for (const [index, minutes] of STEPS.entries()) {
    await setClock(database, change + minutes * MINUTE);
    await database.admin.run(`INSERT INTO thing VALUES (${index})`);
  }
  await setClock(database, change + 300 * MINUTE);
  await expect(readToNow(source, start, tables)).rejects.toMatchObject({
    code: 'PS2013',
    message: expect.stringContaining('the clock was changed between 2040-') as string,
  });
  await using knowing = database.connect({ settings: { serverTimeZone: 'Europe/Berlin' } });
  const { events } = await readToNow(knowing, start, tables);
  expect(minutesOf(events, change)).toEqual(STEPS);
  for (const [index, { end }] of transactionsOf(events).entries()) {
    const { events: rest } = await readToNow(knowing, end, tables);
    expect(minutesOf(rest, change)).toEqual(STEPS.slice(index + 1));
  }
  await using mistaken = database.connect({ settings: { serverTimeZone: 'America/New_York' } });
  await expect(readToNow(mistaken, start, tables)).rejects.toMatchObject({ code: 'PS2013' });
});
