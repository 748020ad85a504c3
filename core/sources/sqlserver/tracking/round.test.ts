import { expect, it } from 'vitest';
import { catalogOf, selectionOf } from '../../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { ScriptedSession, type Script } from '../../../../test/fixtures/sqlserver-scripted/session.ts';
import { told } from '../../../../test/fixtures/sqlserver-scripted/told.ts';
import type { SourceEvent } from '../../../changes/change.ts';
import type { Row } from '../server/session.ts';
import { trackingRound, type TrackingState } from './round.ts';

const AT = '2026-11-21T09:00:00.1234567';
const catalog = catalogOf('t', [
  { name: 'id', key: 1 },
  { name: 'name', type: 'nvarchar', length: 20, nullable: true },
]);

function stateAt(version: string, tables: readonly string[] = ['t']): TrackingState {
  return {
    lineage: 'l',
    selections: new Map(tables.map((name) => [`dbo.${name}`, selectionOf(name)])),
    reading: {
      changes: 'tracking',
      policies: { zeroLengthStrings: 'keep', seventhDigit: 'text', zonedTimes: 'utc' },
    },
    isExact: true,
    place: { version, told: {}, fresh: [] },
    announced: new Map(),
    ended: new Set(),
  };
}

function script(
  version: string,
  changes: readonly Row[],
  least: Readonly<Record<string, string>> = { t: '0' },
): Script {
  return {
    ...catalog,
    now: () => [[AT]],
    trackingVersion: () => [[version]],
    trackedTables: () => Object.entries(least).map(([name, from]) => ['dbo', name, '77', from]),
    changedTables: () => (changes.length > 0 ? [['0']] : []),
    trackedChanges: () => changes,
  };
}

async function roundOf(session: ScriptedSession, state: TrackingState): Promise<SourceEvent[]> {
  const events: SourceEvent[] = [];
  for await (const some of trackingRound(session, state)) events.push(...some);
  return events;
}

const V21 = '00000000000000000021';

it('tells all net changes as one transaction: upserts, deletes, and a row that is gone by now', async () => {
  const session = new ScriptedSession(
    script('21', [
      ['18', 'I', '1', '1', '1', 'one'],
      ['19', 'U', '1', '2', '2', null],
      ['20', 'D', '0', '3', null, null],
      // Inserted, as change tracking has it, but deleted since.
      ['21', 'I', '0', '4', null, null],
    ]),
  );
  const state = stateAt('17');
  expect(told(await roundOf(session, state))).toEqual([
    `begin ${V21}`,
    'schema t (id, name)',
    't update none [1 one]',
    't update none [2 NULL]',
    't delete [3 -] none',
    't delete [4 -] none',
    `commit ${V21}+ {"version":"21","told":{}}`,
  ]);
  expect(state.place).toEqual({ version: '21', told: {}, fresh: [] });
  const asked = session.asked.find((statement) => statement.tag === 'trackedChanges');
  expect(asked).toMatchObject({ after: '17', upTo: '21' });
  expect(session.asked.at(-1)).toEqual({ tag: 'end' });
});

it('a key change is a delete and an upsert', async () => {
  const session = new ScriptedSession(
    script('21', [
      ['20', 'D', '0', '1', null, null],
      ['20', 'I', '1', '9', '9', 'moved'],
    ]),
  );
  const rows = told(await roundOf(session, stateAt('17'))).filter((text) => /^t (update|delete)/.test(text));
  expect(rows).toEqual(['t delete [1 -] none', 't update none [9 moved]']);
});

it('a row whose key stands there in other capitals than in the change takes the place of the one that was', async () => {
  const session = new ScriptedSession({
    ...script('21', [['20', 'U', '1', 'abc', 'ABC', 'x']]),
    ...catalogOf('t', [
      { name: 'id', type: 'nvarchar', length: 20, key: 1 },
      { name: 'name', type: 'nvarchar', length: 20, nullable: true },
    ]),
  });
  const rows = told(await roundOf(session, stateAt('17'))).filter((text) => text.startsWith('t update'));
  expect(rows).toEqual(['t update [abc -] [ABC x]']);
});

it('moves on where nothing was changed', async () => {
  const session = new ScriptedSession(script('30', []));
  const events = await roundOf(session, stateAt('21'));
  expect(told(events)).toEqual(['heartbeat 00000000000000000030+ {"version":"30","told":{}}']);
});

it('a database whose version is before what was read was restored', async () => {
  const session = new ScriptedSession(script('20', []));
  await expect(roundOf(session, stateAt('21'))).rejects.toMatchObject({ code: 'PS2001' });
});

it('begins anew until a version and a state are each other’s', async () => {
  const versions = ['20', '21', '21', '21'];
  const session = new ScriptedSession({ ...script('21', []), trackingVersion: () => [[versions.shift() ?? '21']] });
  const state = stateAt('17');
  await roundOf(session, state);
  expect(session.asked.filter(({ tag }) => tag === 'beginSnapshot')).toHaveLength(2);
  expect(session.asked.filter(({ tag }) => tag === 'touch')).toHaveLength(2);
  expect(state.place.version).toBe('21');
});

it('tells a stale table at the version from which it is whole, and reads it from there', async () => {
  const changes = [['21', 'U', '1', '1', '1', 'new']];
  const session = new ScriptedSession(script('21', changes, { t: '19' }));
  expect(told(await roundOf(session, stateAt('17')))).toEqual([
    'begin 00000000000000000019',
    'obstacle t',
    'commit 00000000000000000019+ {"version":"17","told":{"dbo.t":"19"}}',
    `begin ${V21}`,
    'schema t (id, name)',
    't update none [1 new]',
    `commit ${V21}+ {"version":"21","told":{}}`,
  ]);
  expect(session.asked.find(({ tag }) => tag === 'trackedChanges')).toMatchObject({ after: '19' });
});

it('tells it once, also where the stream was cut between', async () => {
  const session = new ScriptedSession(script('21', [], { t: '19' }));
  const state = stateAt('17');
  state.place = { version: '17', told: { 'dbo.t': '19' }, fresh: [] };
  expect(told(await roundOf(session, state))).toEqual([`heartbeat ${V21}+ {"version":"21","told":{}}`]);
});

it('a table that is whole only from now on is told in the round’s own transaction', async () => {
  const session = new ScriptedSession(script('21', [], { t: '21' }));
  expect(told(await roundOf(session, stateAt('17')))).toEqual([
    `begin ${V21}`,
    'obstacle t',
    `commit ${V21}+ {"version":"21","told":{}}`,
  ]);
});

it('a table whose tracking was begun anew at the version that was read is told with the next commit, and once', async () => {
  const at = (version: string, begun: string): Script => ({
    ...script(version, []),
    trackedTables: () => [['dbo', 't', '77', begun, begun]],
  });
  const state = stateAt('17');
  const idle = await roundOf(new ScriptedSession(at('17', '17')), state);
  expect(told(idle).map((text) => text.split(' ')[0])).toEqual(['heartbeat']);
  const position = `${V21}+ {"version":"21","told":{}}`;
  expect(told(await roundOf(new ScriptedSession(at('21', '17')), state))).toEqual([
    `begin ${V21}`,
    'obstacle t',
    `commit ${position}`,
  ]);
  expect(told(await roundOf(new ScriptedSession(at('21', '17')), state))).toEqual([`heartbeat ${position}`]);
});

it('a table whose tracking began before its version was read is whole', async () => {
  const state = stateAt('17');
  state.place = { ...state.place, fresh: ['dbo.t'] };
  const tracked = { trackedTables: () => [['dbo', 't', '77', '17', '17']] };
  const first = await roundOf(new ScriptedSession({ ...script('17', []), ...tracked }), state);
  const second = await roundOf(new ScriptedSession({ ...script('21', []), ...tracked }), state);
  expect(told([...first, ...second]).map((text) => text.split(' ')[0])).toEqual(['heartbeat', 'heartbeat']);
  expect(state.place.fresh).toEqual([]);
});

it('says of a table that is not tracked any more, once', async () => {
  const state = stateAt('17', ['t', 'gone']);
  const first = await roundOf(new ScriptedSession(script('21', [])), state);
  expect(told(first)).toEqual([`begin ${V21}`, 'obstacle gone', `commit ${V21}+ {"version":"21","told":{}}`]);
  const second = await roundOf(new ScriptedSession(script('22', [])), state);
  expect(told(second)).toEqual(['heartbeat 00000000000000000022+ {"version":"22","told":{}}']);
});

it('commits nothing where the clean-up removed changes while they were read', async () => {
  const least = ['0', '0', '18'];
  const session = new ScriptedSession({
    ...script('21', [['21', 'U', '1', '1', '1', 'x']]),
    trackedTables: () => [['dbo', 't', '77', least.shift() ?? '18']],
  });
  await expect(roundOf(session, stateAt('17'))).rejects.toMatchObject({ code: 'PS2010', retry: 'timed' });
});

it('without snapshot isolation there is no transaction', async () => {
  const session = new ScriptedSession(script('21', []));
  await roundOf(session, { ...stateAt('17'), isExact: false });
  expect(session.asked.map(({ tag }) => tag)).not.toContain('beginSnapshot');
});

it('asks for defaults where a structure is new, and not again', async () => {
  const columns = catalogOf('t', [
    { name: 'id', key: 1 },
    { name: 'added', default: '((5))' },
  ]);
  const state = stateAt('17');
  const changes = (version: string): Script => ({
    ...script(version, [[version, 'U', '1', '1', '1', '6']]),
    ...columns,
    defaultText: ({ constant }) => [[constant]],
  });
  const first = new ScriptedSession(changes('21'));
  const schemas = (await roundOf(first, state)).flatMap((event) => (event.tag === 'schema' ? [event.schema] : []));
  expect(schemas[0]?.columns[1]).toMatchObject({ name: 'added', backfill: '5' });
  const second = new ScriptedSession(changes('22'));
  const events = await roundOf(second, state);
  expect(events.map(({ tag }) => tag)).toEqual(['begin', 'row', 'commit']);
  expect(second.asked.map(({ tag }) => tag)).not.toContain('defaultText');
});

it('asks for a column in the words of its type of now', async () => {
  const state = stateAt('17');
  const asked = async (version: string, type: string, length: number) => {
    const columns = catalogOf('t', [
      { name: 'id', key: 1 },
      { name: 'at', type, length },
    ]);
    const session = new ScriptedSession({ ...script(version, [[version, 'U', '1', '1', '1', 'x']]), ...columns });
    await roundOf(session, state);
    return session.asked.find(({ tag }) => tag === 'trackedChanges');
  };
  expect(await asked('21', 'varchar', 10)).toMatchObject({ columns: [{}, { type: { isUnicode: false } }] });
  expect(await asked('22', 'nvarchar', 20)).toMatchObject({ columns: [{}, { type: { isUnicode: true } }] });
});
