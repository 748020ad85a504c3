import { expect, it } from 'vitest';
import { catalogOf, selectionOf } from '../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { ScriptedSession, type Script } from '../../../test/fixtures/sqlserver-scripted/session.ts';
import { openCapturedSnapshot, openTrackedSnapshot } from './open-snapshot.ts';
import { capturedReachOf, trackedPlaceOf } from './place.ts';
import type { Row } from './server/session.ts';
import { sqlserverSettings } from './settings.ts';
import type { SnapshotContext } from './snapshot.ts';

const NEVER = new AbortController().signal;

function database(isolation = 'ON'): readonly Row[] {
  return [['shop', 'GUID', 'FORK', '16.0.1', 'Developer', isolation, '1', '2880', '1', '1', '0', '1', 'reader']];
}

/** Sessions in the order in which they are opened: the readers, then the one that looks and locks. */
function opening(script: Script, settings: Readonly<Record<string, unknown>> = {}) {
  const sessions: ScriptedSession[] = [];
  const context: SnapshotContext = {
    access: {
      settings: sqlserverSettings.parse({ host: 'localhost', database: 'shop', user: 'reader', ...settings }),
      open: () => {
        const session = new ScriptedSession({
          ...catalogOf('t', [{ name: 'id', key: 1 }]),
          database: () => database(),
          now: () => [['2026-11-21T09:00:00.1234567']],
          ...script,
        });
        sessions.push(session);
        return Promise.resolve(session);
      },
    },
    misfits: () => 'stop',
    describe: () => Promise.resolve([]),
  };
  return { sessions, context };
}

const request = { tables: [selectionOf('t'), selectionOf('u')], readers: 3 };

function tagsOf(session: ScriptedSession | undefined): string[] {
  return session?.asked.map(({ tag }) => tag) ?? [];
}

it('readers that all see one version need no lock', async () => {
  const { sessions, context } = opening({ trackingVersion: () => [['7']] });
  await using snapshot = await openTrackedSnapshot(context, request, NEVER);
  expect(trackedPlaceOf(snapshot.position)).toEqual({ version: '7', told: {}, fresh: [] });
  expect(snapshot.position.lineage).toBe('sqlserver/guid/fork/shop');
  expect(snapshot.takenAt).toBe('2026-11-21T09:00:00.123456Z');
  expect(sessions).toHaveLength(4);
  expect(tagsOf(sessions[0])).toEqual(['beginSnapshot', 'trackingVersion', 'touch', 'trackingVersion']);
  expect(tagsOf(sessions[3])).not.toContain('lockTable');
});

it('where somebody always commits, the tables are locked while the readers begin', async () => {
  let version = 100;
  const { sessions, context } = opening({ trackingVersion: () => [[String(version++)]] });
  await using snapshot = await openTrackedSnapshot(context, request, NEVER);
  const [first, , , holder] = sessions;
  const tags = tagsOf(holder);
  expect(tags.slice(tags.indexOf('beginLocking'))).toEqual(['beginLocking', 'lockTable', 'lockTable', 'now', 'end']);
  expect(tagsOf(first).filter((tag) => tag === 'end')).toHaveLength(5);
  // What the first reader saw: the others see no more of the locked tables.
  const begun = version - 6;
  expect(trackedPlaceOf(snapshot.position).version).toBe(String(begun));
});

it('the place of a captured snapshot is the end of the log under the lock', async () => {
  const { sessions, context } = opening(
    { logEnd: () => [['0000002B:00000128:0001', '2026-11-21T09:00:00.1234567', '60']] },
    { extractType: 'cdc' },
  );
  await using snapshot = await openCapturedSnapshot(context, request, NEVER);
  expect(capturedReachOf(snapshot.position)).toMatchObject({
    lsn: '0000002B000001280001',
    times: { told: null, seen: [{ offset: 60 }] },
  });
  const tags = tagsOf(sessions[3]);
  expect(tags.slice(tags.indexOf('beginLocking'))).toEqual([
    'beginLocking',
    'lockTable',
    'lockTable',
    'now',
    'logEnd',
    'end',
  ]);
  expect(tagsOf(sessions[2])).toEqual(['beginSnapshot', 'touch']);
});

it.each([1222, 1205])('error %i at the lock is tried again later, and leaves no session behind', async (number) => {
  const { sessions, context } = opening(
    {
      lockTable: () => {
        throw Object.assign(new Error('refused'), { number });
      },
    },
    { extractType: 'cdc' },
  );
  await expect(openCapturedSnapshot(context, request, NEVER)).rejects.toMatchObject({ code: 'PS2010', retry: 'timed' });
  expect(tagsOf(sessions[3]).at(-1)).toBe('end');
  expect(sessions.every(({ isBroken }) => isBroken)).toBe(true);
});

it('without ALLOW_SNAPSHOT_ISOLATION there is no snapshot, with the statement that allows it', async () => {
  const { context } = opening({ database: () => database('OFF') });
  await expect(openTrackedSnapshot(context, request, NEVER)).rejects.toMatchObject({
    code: 'PS2005',
    remedy: 'ALTER DATABASE [shop] SET ALLOW_SNAPSHOT_ISOLATION ON;',
  });
});

it('by setting it is read without one: the version is asked first', async () => {
  const { sessions, context } = opening(
    { database: () => database('OFF'), trackingVersion: () => [['7']] },
    { snapshotIsolation: 'without' },
  );
  await using snapshot = await openTrackedSnapshot(context, request, NEVER);
  expect(trackedPlaceOf(snapshot.position).version).toBe('7');
  expect(tagsOf(sessions[0])).toEqual([]);
});
