import { describe, expect, it } from 'vitest';
import { catalogOf, selectionOf } from '../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { ScriptedSession, type Script } from '../../../test/fixtures/sqlserver-scripted/session.ts';
import { capturedPosition, trackedPosition } from './place.ts';
import { prepareCapture, prepareTracking } from './prepare.ts';
import type { Row } from './server/session.ts';
import { sqlserverSettings } from './settings.ts';

const NEVER = new AbortController().signal;
const LINEAGE = 'sqlserver/g/f/shop';
const NONE = new Set<string>();
const tables = [selectionOf('t'), selectionOf('u')];

function database(fork = 'F'): readonly Row[] {
  return [['shop', 'G', fork, '16.0.1', 'Developer', 'ON', '1', '2880', '1', '1', '0', '1', 'reader']];
}

function lsn(number: number): string {
  return number.toString(16).toUpperCase().padStart(20, '0');
}

/** By table: from where its changes are whole. */
function source(whole: Readonly<Record<string, number>>, script: Script = {}): Script {
  return {
    database: () => database(),
    tables: (asked) => asked.tables.map(({ name }) => ['dbo', name, '77', '0', '0']),
    columns: (asked) => asked.tables.flatMap(({ name }) => catalogOf(name, [{ name: 'id', key: 1 }]).columns()),
    trackingVersion: () => [['20']],
    trackedTables: () => Object.entries(whole).map(([name, from]) => ['dbo', name, '77', String(from)]),
    captureInstances: () =>
      Object.entries(whole).map(([name, from]) => ['dbo', name, name, '77', '88', lsn(1), lsn(from), '1']),
    capturedColumns: (asked) => asked.instances.map((name) => [name, 'id', '1', '1', 'int', '4', '10', '0']),
    logEnd: () => [[lsn(20), '2026-11-21T09:00:00.1234567', '0']],
    ...script,
  };
}

function access(script: Script, extractType = 'changeTracking') {
  return {
    settings: sqlserverSettings.parse({ host: 'localhost', database: 'shop', user: 'reader', extractType }),
    open: () => Promise.resolve(new ScriptedSession(script)),
  };
}

/** Both ways do the same with what they find. */
describe.each([
  {
    name: 'change tracking',
    extractType: 'changeTracking',
    prepare: prepareTracking,
    at: (n: number) => trackedPosition(LINEAGE, { version: String(n), told: {}, fresh: [] }),
  },
  {
    name: 'change data capture',
    extractType: 'cdc',
    prepare: prepareCapture,
    at: (n: number) => capturedPosition(LINEAGE, { lsn: lsn(n) }),
  },
])('$name', ({ extractType, prepare, at }) => {
  const run = (script: Script, known: number | null, copiedAnew: ReadonlySet<string> = NONE) =>
    prepare(access(script, extractType), tables, known === null ? null : at(known), NEVER, copiedAnew);

  it('a new position is that of now', async () => {
    // What commits right where the log ends is not missed.
    const { resume, ...place } = await run(source({ t: 1, u: 1 }), null);
    const expected = at(extractType === 'cdc' ? 19 : 20);
    expect(place).toEqual({ lineage: expected.lineage, order: expected.order });
    // With what the clock showed then.
    expect(JSON.parse(resume)).toMatchObject(JSON.parse(expected.resume) as object);
    expect(resume.includes('"offset":0')).toBe(extractType === 'cdc');
  });

  it('a known one is kept where its changes are there', async () => {
    expect(await run(source({ t: 10, u: 1 }), 10)).toEqual(at(10));
  });

  it('where only some tables are stale the stream tells of them', async () => {
    expect(await run(source({ t: 11, u: 1 }), 10)).toEqual(at(10));
  });

  it('where all are stale the log is gone', async () => {
    await expect(run(source({ t: 11, u: 12 }), 10)).rejects.toMatchObject({ code: 'PS2006', retry: 'manual' });
  });

  it('tables that are copied anew need no changes of before', async () => {
    const anew = new Set(['dbo.u']);
    expect(await run(source({ t: 1, u: 15 }), 10, anew)).toEqual(at(10));
    await expect(run(source({ t: 11, u: 1 }), 10, anew)).rejects.toMatchObject({ code: 'PS2006' });
  });

  it('where all are copied anew, a log that has nothing of them any more is begun anew, too', async () => {
    const all = new Set(['dbo.t', 'dbo.u']);
    await expect(run(source({ t: 11, u: 12 }), 10, all)).rejects.toMatchObject({ code: 'PS2006' });
    expect(await run(source({ t: 10, u: 12 }), 10, all)).toEqual(at(10));
  });

  it('a source that is behind what was read, or has another fork, was restored', async () => {
    await expect(run(source({ t: 1, u: 1 }), 21)).rejects.toMatchObject({ code: 'PS2001' });
    const restored = source({ t: 1, u: 1 }, { database: () => database('OTHER') });
    await expect(run(restored, 10)).rejects.toMatchObject({ code: 'PS2001' });
  });

  it('a table whose changes nobody records is an error of its own, with the statement', async () => {
    await expect(run(source({ t: 1 }), null)).rejects.toMatchObject({
      code: 'PS2005',
      table: 'dbo.u',
      remedy: expect.stringMatching(/\[dbo\]\.\[u\]|N'u'/) as string,
    });
  });
});

it('no right to see changes is PS2004 with the grant', async () => {
  const script = source(
    { t: 1, u: 1 },
    {
      tableRights: () => [
        ['0', '1', '1'],
        ['1', '1', '0'],
      ],
    },
  );
  await expect(prepareTracking(access(script), tables, null, NEVER, NONE)).rejects.toMatchObject({
    code: 'PS2004',
    table: 'dbo.u',
    remedy: 'GRANT VIEW CHANGE TRACKING ON [dbo].[u] TO [reader];',
  });
});

it('change tracking that was switched off is PS2005', async () => {
  const script = source({}, { trackingVersion: () => [[null]] });
  await expect(prepareTracking(access(script), [], null, NEVER, NONE)).rejects.toMatchObject({ code: 'PS2005' });
});

it('an instance that the user may not read is PS2004, one without command ids PS2005', async () => {
  const instance = (least: string, command: string): Script =>
    source({}, { captureInstances: () => [['dbo', 't', 't', '77', '88', lsn(1), least, command]] });
  const run = (script: Script) => prepareCapture(access(script, 'cdc'), [selectionOf('t')], null, NEVER, NONE);
  await expect(run(instance(lsn(0), '1'))).rejects.toMatchObject({ code: 'PS2004' });
  await expect(run(instance(lsn(1), '0'))).rejects.toMatchObject({ code: 'PS2005' });
});

describe('captures that begin', () => {
  const at = (n: number) => capturedPosition(LINEAGE, { lsn: lsn(n) });

  it('where they began anew behind the position, and the log of commits was kept, the stream tells of the tables', async () => {
    const script = source({ t: 11, u: 11 }, { capturedFrom: () => [[lsn(10)]] });
    expect(await prepareCapture(access(script, 'cdc'), tables, at(10), NEVER, NONE)).toEqual(at(10));
  });

  it('one that the job has not got to yet begins behind what was captured', async () => {
    const captureInstances = () => ['t', 'u'].map((name) => ['dbo', name, name, '77', '88', null, lsn(0), '1']);
    const script = source({ t: 1, u: 1 }, { captureInstances });
    expect(await prepareCapture(access(script, 'cdc'), tables, at(10), NEVER, NONE)).toEqual(at(10));
  });

  it('of all captured tables some changes must be there, where none is named', async () => {
    const gone = prepareCapture(access(source({ t: 11, u: 11 }), 'cdc'), [], at(10), NEVER, NONE);
    await expect(gone).rejects.toMatchObject({ code: 'PS2006' });
    expect(await prepareCapture(access(source({ t: 11, u: 10 }), 'cdc'), [], at(10), NEVER, NONE)).toEqual(at(10));
  });
});
