import { describe, expect, it } from 'vitest';
import { catalogOf, selectionOf } from '../../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { ScriptedSession, type Script } from '../../../../test/fixtures/sqlserver-scripted/session.ts';
import { told } from '../../../../test/fixtures/sqlserver-scripted/told.ts';
import type { SourceEvent } from '../../../changes/change.ts';
import type { Row } from '../server/session.ts';
import type { CapturedPlace } from '../statements/capture.ts';
import { placeKey } from './cursor.ts';
import { ServerTimes } from '../../server-times.ts';
import { captureWindow, type CaptureState } from './window.ts';

const AT = '2026-11-21T09:00:00.1234567';

/** 7 → an LSN. */
function lsn(number: number): string {
  return number.toString(16).toUpperCase().padStart(20, '0');
}

const INSERT = '2';
const DELETE = '1';
const BEFORE = '3';
const AFTER = '4';

/** A row of a change table: LSN, command, operation, values; the sequence values run against the commands. */
function changed(at: number, command: number, operation: string, ...values: (string | null)[]): Row {
  return [lsn(at), String(command), lsn(1_000_000 - command), operation, 'FF', ...values];
}

interface World {
  readonly upTo: number | null;
  readonly commits: readonly number[];
  /** By instance; the table is the name before `_v`. */
  readonly rows: Readonly<Record<string, readonly Row[]>>;
  /** By instance: start, least. */
  readonly instances: Readonly<Record<string, readonly [number, number]>>;
  /** By instance, names of captured columns; default: id, name. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  readonly history?: readonly Row[];
}

const NAMES = ['id', 'name', 'added'];

function world({ upTo, commits, rows, instances, columns = {}, history = [] }: World): Script {
  const tableOf = (instance: string) => instance.split('_v')[0] ?? '';
  const all = NAMES.map((name, index) => ({ name, nullable: index > 0, ...(index === 0 ? { key: 1 } : {}) }));
  const namesOf = (instance: string) => columns[instance] ?? ['id', 'name'];
  return {
    logEnd: () => [[lsn(Math.max(upTo ?? 0, ...commits)), AT, '0']],
    capturedUpTo: () => (upTo === null ? [] : [[lsn(upTo), AT]]),
    captureInstances: () =>
      Object.entries(instances).map(([name, [start, least]]) => [
        'dbo',
        tableOf(name),
        name,
        '77',
        '88',
        lsn(start),
        lsn(least),
        '1',
      ]),
    capturedTransactions: ({ after, most }) =>
      commits
        .map(lsn)
        .filter((one) => one > after)
        .slice(0, most)
        .map((one) => [one, AT]),
    changedInstances: (asked) =>
      asked.instances.flatMap(({ instance, after, upTo: end }, index) =>
        (rows[instance] ?? []).some(([at]) => (at ?? '') > after && (at ?? '') <= end) ? [[String(index)]] : [],
      ),
    capturedColumns: (asked) =>
      asked.instances.flatMap((instance) =>
        namesOf(instance).map((name, index) => [
          instance,
          name,
          String(index + 1),
          String(NAMES.indexOf(name) + 1),
          'int',
          '4',
          '10',
          '0',
        ]),
      ),
    capturedChanges: (asked) =>
      (rows[asked.instance] ?? [])
        .filter((row) => placeKey(row) > keyOf(asked.after) && (row[0] ?? '') <= asked.upTo)
        .slice(0, asked.most),
    structureHistory: () => history,
    tables: ({ tables }) => tables.map(({ name }) => ['dbo', name, '77', '0', '0']),
    columns: ({ tables }) => tables.flatMap(({ name }) => catalogOf(name, all).columns()),
  };
}

function keyOf({ lsn: at, command, sequence, operation }: CapturedPlace): string {
  return placeKey([at, command, sequence, operation]);
}

function stateAt(at: number, tables: readonly string[]): CaptureState {
  return {
    lineage: 'l',
    selections: new Map(tables.map((name) => [`dbo.${name}`, selectionOf(name)])),
    reading: { changes: 'capture', policies: { zeroLengthStrings: 'keep', seventhDigit: 'text', zonedTimes: 'utc' } },
    place: { lsn: lsn(at) },
    announced: new Map(),
    ended: new Set(),
    times: new ServerTimes(null, null),
    shown: '',
  };
}

async function windowOf(session: ScriptedSession, state: CaptureState): Promise<SourceEvent[]> {
  const events: SourceEvent[] = [];
  for await (const some of captureWindow(session, state)) events.push(...some);
  return events;
}

function resume(at: number): string {
  return `${lsn(at)}+ {"lsn":"${lsn(at)}"}`;
}

describe('transactions', () => {
  it('merges tables by LSN and command, one transaction for each LSN', async () => {
    const session = new ScriptedSession(
      world({
        upTo: 30,
        commits: [10, 20],
        instances: { a: [1, 1], b: [1, 1] },
        rows: {
          a: [changed(10, 1, INSERT, '1', 'x'), changed(10, 3, DELETE, '5', 'e'), changed(20, 2, INSERT, '2', 'y')],
          b: [changed(10, 2, INSERT, '7', 'z'), changed(20, 1, INSERT, '8', 'w')],
        },
      }),
    );
    const state = stateAt(5, ['a', 'b']);
    expect(told(await windowOf(session, state))).toEqual([
      `begin ${lsn(10)}`,
      'schema a (id, name)',
      'a insert none [1 x]',
      'schema b (id, name)',
      'b insert none [7 z]',
      'a delete [5 -] none',
      `commit ${resume(10)}`,
      `begin ${lsn(20)}`,
      'b insert none [8 w]',
      'a insert none [2 y]',
      `commit ${resume(20)}`,
      `heartbeat ${resume(30)}`,
    ]);
    expect(state.place).toEqual({ lsn: lsn(30) });
  });

  it('an update is told once, also a deferred one; those of many rows are deletes and inserts in the order of the commands', async () => {
    const session = new ScriptedSession(
      world({
        upTo: 30,
        commits: [10, 20],
        instances: { a: [1, 1] },
        rows: {
          a: [
            changed(10, 1, BEFORE, '1', 'x'),
            changed(10, 1, AFTER, '1', 'y'),
            // UPDATE a SET id = id + 1 of 1 and 2: all deletes come before all inserts, whatever the sequence values say.
            changed(20, 1, DELETE, '1', 'y'),
            changed(20, 2, DELETE, '2', 'z'),
            changed(20, 3, INSERT, '2', 'y'),
            changed(20, 4, INSERT, '3', 'z'),
            // UPDATE a SET id = 9 WHERE id = 3.
            changed(20, 5, DELETE, '3', 'z'),
            changed(20, 5, INSERT, '9', 'z'),
          ],
        },
      }),
    );
    expect(told(await windowOf(session, stateAt(5, ['a']))).filter((text) => text.startsWith('a '))).toEqual([
      'a update none [1 y]',
      'a delete [1 -] none',
      'a delete [2 -] none',
      'a insert none [2 y]',
      'a insert none [3 z]',
      'a update [3 -] [9 z]',
    ]);
  });

  it('reads pages: an update may lie across two of them, and no row is read twice', async () => {
    const rows = Array.from({ length: 25_001 }, (_, index) => [
      changed(10, index * 2 + 1, BEFORE, String(index), 'x'),
      changed(10, index * 2 + 1, AFTER, String(index), 'y'),
    ]).flat();
    // A page of an odd number of rows ends between the two rows of an update.
    const odd = [changed(10, 0, INSERT, '-1', 'first'), ...rows];
    const session = new ScriptedSession(world({ upTo: 10, commits: [10], instances: { a: [1, 1] }, rows: { a: odd } }));
    const events = await windowOf(session, stateAt(5, ['a']));
    const changes = events.flatMap((event) => (event.tag === 'row' ? [event.change.after?.[0]] : []));
    expect(changes).toEqual(['-1', ...Array.from({ length: 25_001 }, (_, index) => String(index))]);
    expect(session.asked.filter(({ tag }) => tag === 'capturedChanges').length).toBeGreaterThan(2);
  });

  it('rows of two tables that stand at one place come one after the other', async () => {
    const rows = { a: [changed(10, 1, INSERT, '1', 'x')], b: [changed(10, 1, INSERT, '7', 'z')] };
    const session = new ScriptedSession(world({ upTo: 10, commits: [10], instances: { a: [1, 1], b: [1, 1] }, rows }));
    const events = told(await windowOf(session, stateAt(5, ['a', 'b'])));
    expect(events.filter((event) => / insert /.test(event))).toEqual(['a insert none [1 x]', 'b insert none [7 z]']);
  });

  it('moves on while nothing is written, and waits where nothing was captured', async () => {
    const idle = new ScriptedSession(world({ upTo: 40, commits: [], instances: { a: [1, 1] }, rows: {} }));
    expect(told(await windowOf(idle, stateAt(30, ['a'])))).toEqual([`heartbeat ${resume(40)}`]);
    const never = new ScriptedSession(world({ upTo: null, commits: [], instances: { a: [1, 1] }, rows: {} }));
    expect(told(await windowOf(never, stateAt(30, ['a'])))).toEqual([`heartbeat ${resume(30)}`]);
  });

  it('a window ends with its last transaction, and there is more', async () => {
    const commits = Array.from({ length: 600 }, (_, index) => 10 + index);
    const rows = commits.map((at) => changed(at, 1, INSERT, String(at), 'x'));
    const session = new ScriptedSession(world({ upTo: 700, commits, instances: { a: [1, 1] }, rows: { a: rows } }));
    const state = stateAt(5, ['a']);
    const window = captureWindow(session, state);
    let next = await window.next();
    while (next.done !== true) next = await window.next();
    expect(next.value).toBe(true);
    expect(state.place).toEqual({ lsn: lsn(509) });
  });
});

describe('capture instances', () => {
  const COLUMNS = { a_v1: ['id', 'name'], a_v2: ['id', 'name', 'added'] };
  const rows = {
    a_v1: [changed(10, 1, INSERT, '1', 'x'), changed(30, 1, INSERT, '3', 'old')],
    a_v2: [changed(30, 1, INSERT, '3', 'new', '9')],
  };
  const both = {
    upTo: 40,
    commits: [10, 30],
    instances: { a_v1: [1, 1], a_v2: [20, 20] },
    columns: COLUMNS,
    rows,
  } as const;

  it('the newer one is read from its start on, and its structure is told before its first row', async () => {
    const session = new ScriptedSession(world({ ...both, history: [['dbo', 'a', 'a_v1', lsn(15), '0', 'ALTER']] }));
    const events = await windowOf(session, stateAt(5, ['a']));
    expect(told(events)).toEqual([
      `begin ${lsn(10)}`,
      'schema a (id, name)',
      'a insert none [1 x]',
      `commit ${resume(10)}`,
      `begin ${lsn(30)}`,
      'schema a (id, name, added)',
      'a insert none [3 new 9]',
      `commit ${resume(30)}`,
      `heartbeat ${resume(40)}`,
    ]);
    const schemas = events.flatMap((event) => (event.tag === 'schema' ? [event.schema] : []));
    expect(schemas[1]?.columns[2]).toMatchObject({ name: 'added', backfill: null });
    expect(schemas[1]?.columns[2]?.backfillUnknown).toBeUndefined();
  });

  it('what was written between the alteration and the new instance has values that nobody captured', async () => {
    const written = { ...rows, a_v1: [...rows.a_v1, changed(18, 1, INSERT, '2', 'between')].sort() };
    const history = [['dbo', 'a', 'a_v1', lsn(15), '0', 'ALTER']];
    const session = new ScriptedSession(world({ ...both, commits: [10, 18, 30], rows: written, history }));
    const events = await windowOf(session, stateAt(5, ['a']));
    const schemas = events.flatMap((event) => (event.tag === 'schema' ? [event.schema] : []));
    expect(schemas[1]?.columns[2]?.backfillUnknown).toBe(true);
  });

  it('tells what the clean-up removed, where the table is whole again, in the order of the log', async () => {
    const session = new ScriptedSession(
      world({
        upTo: 40,
        commits: [10, 20, 30],
        instances: { a: [1, 20], b: [1, 1] },
        rows: {
          a: [changed(10, 1, INSERT, '1', 'half'), changed(20, 1, INSERT, '2', 'whole')],
          b: [changed(10, 2, INSERT, '7', 'z'), changed(30, 1, INSERT, '8', 'w')],
        },
      }),
    );
    expect(told(await windowOf(session, stateAt(5, ['a', 'b'])))).toEqual([
      `begin ${lsn(10)}`,
      'schema b (id, name)',
      'b insert none [7 z]',
      `commit ${resume(10)}`,
      `begin ${lsn(20)}`,
      'obstacle a',
      'schema a (id, name)',
      'a insert none [2 whole]',
      `commit ${resume(20)}`,
      `begin ${lsn(30)}`,
      'b insert none [8 w]',
      `commit ${resume(30)}`,
      `heartbeat ${resume(40)}`,
    ]);
  });

  it('says of a table that is not captured any more, once', async () => {
    const state = stateAt(5, ['a', 'gone']);
    const script = {
      upTo: 40,
      commits: [10],
      instances: { a: [1, 1] },
      rows: { a: [changed(10, 1, INSERT, '1', 'x')] },
    } as const;
    expect(told(await windowOf(new ScriptedSession(world(script)), state)).slice(0, 2)).toEqual([
      `begin ${lsn(10)}`,
      'obstacle gone',
    ]);
    const again = await windowOf(new ScriptedSession(world({ ...script, upTo: 50, commits: [] })), state);
    expect(told(again)).toEqual([`heartbeat ${resume(50)}`]);
  });

  it('commits nothing more where the clean-up overtakes the reading', async () => {
    let asked = 0;
    const script = world({
      upTo: 40,
      commits: [10],
      instances: { a: [1, 1] },
      rows: { a: [changed(10, 1, INSERT, '1', 'x')] },
    });
    const session = new ScriptedSession({
      ...script,
      captureInstances: () => [['dbo', 'a', 'a', '77', '88', lsn(1), lsn(asked++ === 0 ? 1 : 20), '1']],
    });
    const state = stateAt(5, ['a']);
    await expect(windowOf(session, state)).rejects.toMatchObject({ code: 'PS2010', retry: 'timed' });
    expect(state.place).toEqual({ lsn: lsn(5) });
  });
});
