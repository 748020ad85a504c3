import { expect, it } from 'vitest';
import { catalogOf, selectionOf } from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { ScriptedSession, serverError, type Script } from '../../../test/fixtures/oracle-scripted/session.ts';
import { openPlainSnapshot } from './open-snapshot.ts';
import { ORACLE_VARIANTS } from './server/variants.ts';
import { oracleSettings } from './settings.ts';

const NEVER = new AbortController().signal;
const DATABASE = [
  ...['1', 'ORCL', '2', '2026-01-01 10:00:00', 'ARCHIVELOG', 'YES', 'NO', 'NO'],
  ...['NO', 'PRIMARY', 'READ WRITE', 'NO', 'ORCL', '0', 'INGEST'],
];

/** Opens a snapshot of a table that was altered at noon. @returns how often it paused, and the SCN asked for last */
async function opened(timeOfScn: Script['timeOfScn']): Promise<{ pauses: number; position: string }> {
  const [variant] = ORACLE_VARIANTS;
  if (variant === undefined) throw new Error('no variant');
  const settings = oracleSettings(variant).parse({ host: '127.0.0.1', database: 'x', user: 'X' });
  let scn = 100;
  const session = new ScriptedSession({
    ...catalogOf('ORD', [{ name: 'ID', isKey: true }], { alteredAt: '2026-11-21 12:00:00' }),
    database: () => [DATABASE],
    now: () => [['2026-11-21T12:00:09.000000', '+00:00']],
    currentScn: () => [[String(scn++)]],
    ...(timeOfScn === undefined ? {} : { timeOfScn }),
  });
  const open = () => Promise.resolve(session);
  let pauses = 0;
  const sleep = () => {
    pauses++;
    return Promise.resolve();
  };
  const clock = { now: () => 0, timestamp: () => '', sleep };
  const access = { settings, open, openRoot: open, openMining: open };
  const misfits = () => 'stop' as const;
  const context = { access, clock, misfits, describe: () => Promise.resolve([]) };
  await using snapshot = await openPlainSnapshot(context, { tables: [selectionOf('ORD')], readers: 1 }, NEVER);
  return { pauses, position: snapshot.position.lineage };
}

it('waits until the SCN is later than the last change of structure', async () => {
  const times = ['2026-11-21 11:59:58', '2026-11-21 12:00:00', '2026-11-21 12:00:01'];
  expect(await opened(() => [[times.shift() ?? null]])).toEqual({
    pauses: 2,
    position: 'oracle/1/2@20260101100000/copies',
  });
});

it('does not wait where the server does not know the time, nor for ever', async () => {
  const unknown = () => {
    throw serverError(8181);
  };
  expect(await opened(unknown)).toMatchObject({ pauses: 0 });
  expect(await opened(() => [['2026-11-21 12:00:00']])).toMatchObject({ pauses: 20 });
});
