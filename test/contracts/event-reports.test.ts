import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ALERTING } from '../../core/events/alert.ts';
import type { PenstockEvent } from '../../core/events/event.ts';
import type { EmailSettings } from '../../core/pipeline/email-settings.ts';
import { eventually } from '../fixtures/eventually.ts';
import { MailServer } from '../fixtures/mail-server.ts';
import { SystemClock } from '../../hosts/node/system-clock.ts';
import { EventReports, type ReportSettings } from '../../hosts/local/event-reports.ts';
import { FileEvents } from '../../hosts/local/file-events.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-reports-'));
afterAll(() => rmSync(folder, { recursive: true }));

const of = { pipeline: 'shop', generated: '2026-11-21T09:00:00.000000Z' };
const GROWING: PenstockEvent = { ...of, type: 'LogGrowing', retainedBytes: 1, headroomBytes: null, remedy: 'look' };
const STOPPED: PenstockEvent = {
  ...{ ...of, type: 'TableStopped', table: 't', errorCode: 'PS4004', message: 'does not fit', remedy: 'widen it' },
};

/** One pipeline's events, and a server that takes its mail. */
async function open(changed: Partial<EmailSettings> = {}) {
  const server = await MailServer.start();
  const email: EmailSettings = {
    ...{ enabled: true, host: '127.0.0.1', port: server.port, tls: { mode: 'off' }, login: null },
    ...{ from: 'a@example.org', to: ['b@example.org'], events: ALERTING },
    ...changed,
  };
  const state: { settings: ReportSettings | null } = { settings: { pipeline: 'shop', email, aws: null } };
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (line: string) => warnings.push(line), error: () => undefined };
  const events = new FileEvents(join(folder, 'events.jsonl'));
  const secrets = { read: () => Promise.resolve('') };
  const reports = new EventReports({ events, clock: new SystemClock(), log, secrets }, () =>
    Promise.resolve(state.settings),
  );
  return {
    ...{ server, state, events, warnings, email },
    settled: () => reports[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

it('mails what somebody must know, with what to do, before the process ends', async () => {
  await using world = await open();
  world.events.emit(STOPPED);
  world.events.emit({ ...of, type: 'StructureChanged', table: 't', change: 'c' });
  world.events.emit({ ...STOPPED, pipeline: 'another' });
  await world.settled();
  expect(world.server.taken).toHaveLength(1);
  expect(world.server.taken[0]?.data).toContain('Subject: Penstock shop: table t stopped (PS4004)');
  expect(world.server.taken[0]?.data).toContain('What to do: widen it');
});

it('mails what was chosen alone, and nothing while it is off or not set up', async () => {
  await using world = await open({ events: ['LogGrowing'] });
  const { email } = world;
  world.events.emit(STOPPED);
  world.events.emit(GROWING);
  await eventually(() => Promise.resolve(world.server.taken.length === 1 ? true : null));
  for (const settings of [
    { pipeline: 'shop', email: { ...email, enabled: false }, aws: null },
    { pipeline: 'shop', email: null, aws: null },
    null,
  ]) {
    world.state.settings = settings;
    world.events.emit({ ...GROWING, type: 'LogExpiring', expiresAt: 'soon', remedy: 'look' });
  }
  await world.settled();
  expect(world.server.taken).toHaveLength(1);
});

it('goes by the settings as they are when something is told', async () => {
  await using world = await open();
  await using another = await MailServer.start();
  const { email } = world;
  world.state.settings = { pipeline: 'shop', email: { ...email, port: another.port }, aws: null };
  world.events.emit(GROWING);
  await world.settled();
  expect([world.server.taken.length, another.taken.length]).toEqual([0, 1]);
});

it('that could not be sent is a line of the log, and sent the next time', async () => {
  await using world = await open();
  world.server.refuses = true;
  world.events.emit(GROWING);
  await eventually(() => Promise.resolve(world.warnings.length === 1 ? true : null));
  expect(world.warnings).toEqual(['alert not published']);
  world.server.refuses = false;
  world.events.emit(GROWING);
  await world.settled();
  expect(world.server.taken).toHaveLength(1);
});
