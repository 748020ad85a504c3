import { expect, inject, it } from 'vitest';
import { ORACLE_DIALECT } from '../../../test/contracts/source-connector/oracle/dialect.ts';
import { openFake, type OracleUnderTest } from '../../../test/contracts/source-connector/oracle/servers.ts';
import {
  changesOf,
  copyTable,
  describeOne,
  NEVER,
  readToNow,
  select,
  transactionsOf,
} from '../../../test/contracts/source-connector/reading.ts';
import { Replica, sortedLines } from '../../../test/contracts/source-connector/replica.ts';
import {
  BUSY,
  createBusyTables,
  fillBusyTables,
  LOOSE,
  Workload,
} from '../../../test/contracts/source-connector/workload.ts';
import type { PenstockEvent } from '../../events/event.ts';
import { emitLogfile, flowEventSchema } from '../../events/flow-events.ts';
import { oracleConnector } from './definition.ts';

const seed = Number(process.env['SEED'] ?? 20_266);
const TRANSACTIONS = 120;
const CONTINUOUS = { type: 'oracle19c', extractType: 'continuousLogMiner' } as const;

const TESTED: readonly (readonly [string, OracleUnderTest])[] = [
  ['Oracle 19c', CONTINUOUS],
  ['Oracle 19c (Pluggable Database)', { type: 'oracle19cPluggable', extractType: 'continuousLogMiner' }],
  ['Continuous Log Miner of 18c', { type: 'oracle', extractType: 'continuousLogMiner', release: '18.3.0.0.0' }],
  ['Log Miner', { type: 'oracle', extractType: 'logMiner' }],
  ['Fast Log Miner', { type: 'oracle', extractType: 'fastLogMiner' }],
  ['Remote Log Miner', { type: 'oracle', extractType: 'remoteLogMiner' }],
  ['RAC, Continuous Log Miner', { type: 'oracleRac', extractType: 'continuousLogMiner' }],
  ['RAC (Pluggable Database), Log Miner', { type: 'oracleRacPluggable', extractType: 'logMiner' }],
];

it.each(TESTED)(`a copy with what the redo logs tell is what the source has: %s (SEED=${seed})`, async (_, tested) => {
  const { database: opened } = await openFake(inject('postgres'), 'stream', tested, oracleConnector);
  await using database = opened;
  await createBusyTables(database, ORACLE_DIALECT);
  await fillBusyTables(database, ORACLE_DIALECT);
  await using source = database.connect();
  const tables = [select(database, BUSY), select(database, LOOSE)];
  const start = await source.prepare(tables, null, NEVER);
  const replicas = [];
  for (const table of tables) {
    const replica = new Replica(await describeOne(source, table));
    replica.load((await copyTable(source, table)).rows);
    replicas.push(replica);
  }
  await using workload = await Workload.start(database, ORACLE_DIALECT, seed);
  await workload.progress(TRANSACTIONS);
  await workload.finish();
  const { events } = await readToNow(source, start, tables);
  for (const [index, table] of tables.entries()) {
    for (const change of changesOf(events, table.table.name)) replicas[index]?.apply(change);
    const { rows } = await copyTable(source, table);
    // Of a table without a key their hashes come first.
    const values = table.table.name === LOOSE ? rows.map((row) => row.slice(1)) : rows;
    expect(replicas[index]?.lines(), table.table.name).toEqual(sortedLines(values));
  }
  expect(transactionsOf(events).length).toBeGreaterThan(10);
});

it('asks for what the redo log does not hold, as of the commit, and stops a table that was altered behind a change', async () => {
  const { database: opened } = await openFake(inject('postgres'), 'stream_values', CONTINUOUS, oracleConnector);
  await using database = opened;
  const { admin } = database;
  await admin.run('CREATE TABLE measured (id INTEGER NOT NULL, v BINARY_DOUBLE, t CLOB, PRIMARY KEY (id))');
  await using source = database.connect();
  const tables = [select(database, 'measured')];
  const start = await source.prepare(tables, null, NEVER);
  await admin.run(
    ...['BEGIN', `INSERT INTO measured VALUES (1, 0.1, '${'x'.repeat(9000)}')`, 'COMMIT'],
    ...['BEGIN', `INSERT INTO measured VALUES (2, 0.2, 'gone')`, 'DELETE FROM measured WHERE id = 2', 'COMMIT'],
    'UPDATE measured SET id = 3 WHERE id = 1',
    ...['BEGIN', `INSERT INTO measured (id, t) VALUES (5, 'x')`, 'UPDATE measured SET t = NULL WHERE id = 5', 'COMMIT'],
  );
  const { events, reached } = await readToNow(source, start, tables);
  const told = changesOf(events).map(({ op, before, after }) => [
    op,
    before?.[0] ?? null,
    after?.[1],
    after?.[2]?.length,
  ]);
  expect(told).toEqual([
    ['insert', null, '0.1', 9000],
    ['update', '1', '0.1', 9000],
    ['insert', null, null, undefined],
  ]);
  await admin.run('TRUNCATE TABLE measured');
  const truncated = await readToNow(source, reached, tables);
  expect(truncated.events.filter(({ tag }) => tag === 'truncate')).toHaveLength(1);
  await admin.run('INSERT INTO measured (id) VALUES (4)', 'ALTER TABLE measured RENAME COLUMN t TO u');
  const later = await readToNow(source, truncated.reached, tables);
  expect(changesOf(later.events)).toEqual([]);
  expect(later.events.filter(({ tag }) => tag === 'obstacle').length).toBeGreaterThan(0);
});

it.each([
  ['all told by the log', 'VARCHAR2(20)', 'x'],
  ['some asked for', 'CLOB', 'x'.repeat(5000)],
])('keeps rows apart whose keys change places, their values %s', async (_, type, long) => {
  const name = `stream_moved_${type.slice(0, 4).toLowerCase()}`;
  const { database: opened } = await openFake(inject('postgres'), name, CONTINUOUS, oracleConnector);
  await using database = opened;
  const { admin } = database;
  // Looked at when a statement is over, as in Oracle.
  const key = 'PRIMARY KEY (id) DEFERRABLE';
  await admin.run(
    `CREATE TABLE places (id INTEGER NOT NULL, n VARCHAR2(10), t ${type}, ${key})`,
    `INSERT INTO places VALUES (1, 'a', 'A'), (2, 'b', 'B'), (3, 'c', '${long}'), (9, 'z', NULL)`,
  );
  await using source = database.connect();
  const table = select(database, 'places');
  // As a destination that knows rows by their keys alone.
  const rows = new Map((await copyTable(source, table)).rows.map((row) => [row[0], row]));
  let reached = await source.prepare([table], null, NEVER);
  const told = async (...statements: string[]) => {
    await admin.run('BEGIN', ...statements, 'COMMIT');
    const { events, reached: next } = await readToNow(source, reached, [table]);
    reached = next;
    expect(events.filter(({ tag }) => tag === 'obstacle')).toEqual([]);
    for (const { before, after } of changesOf(events)) {
      const left = (before ?? after)?.[0];
      const stood = rows.get(left);
      rows.delete(left);
      const whole = after?.map((value, place) => (value === undefined ? (stood?.[place] ?? null) : value));
      if (whole !== undefined) rows.set(whole[0], whole);
    }
    expect(sortedLines([...rows.values()])).toEqual(sortedLines((await copyTable(source, table)).rows));
  };
  await told('UPDATE places SET id = id + 1 WHERE id < 9');
  await told('UPDATE places SET id = CASE id WHEN 2 THEN 3 ELSE 2 END WHERE id IN (2, 3)');
  // Rows that move on, one that goes behind another, comes back, or goes for good.
  await told(
    'UPDATE places SET id = id - 1 WHERE id < 9',
    'UPDATE places SET id = 7 WHERE id = 1',
    `UPDATE places SET id = id + 1, n = 'moved' WHERE id IN (2, 3)`,
    'DELETE FROM places WHERE id = 3',
    `INSERT INTO places VALUES (3, 'new', 'N')`,
    'UPDATE places SET id = 1 WHERE id = 7',
  );
  await told(
    'UPDATE places SET id = id + 1 WHERE id < 9',
    `UPDATE places SET t = 'T' WHERE id = 4`,
    'DELETE FROM places WHERE id IN (2, 4)',
  );
  await told(
    'SET CONSTRAINTS ALL DEFERRED',
    'UPDATE places SET id = 9 WHERE id = 5',
    `DELETE FROM places WHERE n = 'z'`,
  );
});

it('tells texts that are longer than a row has room for, whatever becomes of them', async () => {
  const { database: opened } = await openFake(inject('postgres'), 'stream_extended', CONTINUOUS, oracleConnector);
  await using database = opened;
  const { admin } = database;
  const columns = 'id INTEGER NOT NULL, n INTEGER, t VARCHAR2(32000), PRIMARY KEY (id)';
  await admin.run(`CREATE TABLE essays (${columns})`, `INSERT INTO essays VALUES (1, 1, '${'a'.repeat(5000)}')`);
  await using source = database.connect();
  const table = select(database, 'essays');
  const replica = new Replica(await describeOne(source, table));
  replica.load((await copyTable(source, table)).rows);
  const start = await source.prepare([table], null, NEVER);
  const transaction = (...statements: string[]) => admin.run('BEGIN', ...statements, 'COMMIT');
  await transaction(`INSERT INTO essays VALUES (2, 2, '${'b'.repeat(9000)}')`, `INSERT INTO essays VALUES (3, 3, 'c')`);
  await transaction('UPDATE essays SET n = 4 WHERE id = 1', `UPDATE essays SET t = '${'d'.repeat(6000)}' WHERE id = 3`);
  await transaction(`UPDATE essays SET t = 'short' WHERE id = 1`, 'UPDATE essays SET t = NULL, n = 5 WHERE id = 2');
  await transaction('UPDATE essays SET id = 9 WHERE id = 3', `INSERT INTO essays VALUES (4, 4, '${'e'.repeat(4001)}')`);
  const { events } = await readToNow(source, start, [table]);
  expect(events.filter(({ tag }) => tag === 'obstacle')).toEqual([]);
  for (const change of changesOf(events)) replica.apply(change);
  expect(replica.lines()).toEqual(sortedLines((await copyTable(source, table)).rows));
});

it('tells what stands of large values when something was taken back', async () => {
  const { database: opened } = await openFake(inject('postgres'), 'stream_undone', CONTINUOUS, oracleConnector);
  await using database = opened;
  const { admin } = database;
  await admin.run('CREATE TABLE letter (id INTEGER NOT NULL, n INTEGER, t CLOB, PRIMARY KEY (id))');
  await admin.run(`INSERT INTO letter VALUES (1, 1, 'old')`);
  await using source = database.connect();
  const tables = [select(database, 'letter')];
  const start = await source.prepare(tables, null, NEVER);
  const long = (character: string) => `'${character.repeat(5000)}'`;
  const undone = (statement: string) => ['SAVEPOINT s', statement, 'ROLLBACK TO SAVEPOINT s'];
  const transaction = (...statements: string[]) => admin.run('BEGIN', ...statements, 'COMMIT');
  await transaction(
    ...undone(`UPDATE letter SET t = ${long('x')} WHERE id = 1`),
    'UPDATE letter SET n = 2 WHERE id = 1',
  );
  await transaction(
    `INSERT INTO letter VALUES (3, 3, 'y')`,
    ...undone(`INSERT INTO letter VALUES (2, 3, ${long('z')})`),
    `UPDATE letter SET t = ${long('w')} WHERE id = 1`,
  );
  const again = `INSERT INTO letter VALUES (2, 3, ${long('z')})`;
  await transaction(...undone(again), again, ...undone(`INSERT INTO letter VALUES (4, 4, 'small')`));
  await transaction(
    'UPDATE letter SET n = 7 WHERE id = 1',
    ...undone(`UPDATE letter SET n = 8, t = ${long('q')} WHERE id = 1`),
  );
  const { events, reached } = await readToNow(source, start, tables);
  expect(
    changesOf(events).map(({ op, after }) => `${op} ${after?.map((value) => value?.slice(0, 4)).join(' ')}`),
  ).toEqual([
    ...['update 1 2 old', 'update 1 2 old'],
    ...['insert 3 3 y', 'update 1 2 wwww'],
    'insert 2 3 zzzz',
    'update 1 7 ',
  ]);
  // Nobody can tell whether the number was taken back too.
  await transaction(
    'UPDATE letter SET n = 9 WHERE id = 1',
    ...undone(`UPDATE letter SET t = ${long('q')} WHERE id = 1`),
  );
  const later = await readToNow(source, reached, tables);
  expect(later.events.filter(({ tag }) => tag === 'obstacle')).toHaveLength(1);
});

it('ends where the server becomes a standby, and goes on at the same place behind the way back', async () => {
  const { database: opened } = await openFake(inject('postgres'), 'switched', CONTINUOUS, oracleConnector);
  await using database = opened;
  const { admin } = database;
  await admin.run('CREATE TABLE told (id INTEGER NOT NULL, PRIMARY KEY (id))');
  await using source = database.connect();
  const tables = [select(database, 'told')];
  const start = await source.prepare(tables, null, NEVER);
  await admin.run('ALTER DATABASE COMMIT TO SWITCHOVER TO PHYSICAL STANDBY', 'INSERT INTO told VALUES (1)');
  await expect(source.openStream(start, tables, NEVER)).rejects.toMatchObject({ code: 'PS2002' });
  await admin.run('ALTER DATABASE COMMIT TO SWITCHOVER TO PRIMARY');
  await using stream = await source.openStream(start, tables, NEVER);
  await admin.run('ALTER DATABASE COMMIT TO SWITCHOVER TO PHYSICAL STANDBY');
  const reading = async () => {
    for await (const events of stream) if (events.some(({ tag }) => tag === 'row')) return;
  };
  await expect(reading()).rejects.toMatchObject({
    code: 'PS2010',
    remedy: expect.stringContaining('primary') as string,
  });
  await admin.run('ALTER DATABASE COMMIT TO SWITCHOVER TO PRIMARY');
  expect(changesOf((await readToNow(source, start, tables)).events)).toHaveLength(1);
});

it('ends where supplemental logging is switched off, without which LogMiner may tell a row in pieces', async () => {
  const { database: opened } = await openFake(inject('postgres'), 'unsupplied', CONTINUOUS, oracleConnector);
  await using database = opened;
  const { admin } = database;
  await admin.run('CREATE TABLE told (id INTEGER NOT NULL, PRIMARY KEY (id))');
  await using source = database.connect();
  const tables = [select(database, 'told')];
  const start = await source.prepare(tables, null, NEVER);
  await using stream = await source.openStream(start, tables, NEVER);
  await admin.run('ALTER DATABASE DROP SUPPLEMENTAL LOG DATA', 'INSERT INTO told VALUES (1)');
  const reading = async () => {
    for await (const events of stream) if (events.some(({ tag }) => tag === 'row')) return;
  };
  await expect(reading()).rejects.toMatchObject({
    code: 'PS2005',
    remedy: expect.stringContaining('ADD SUPPLEMENTAL LOG DATA') as string,
  });
  await admin.run('ALTER DATABASE ADD SUPPLEMENTAL LOG DATA');
  expect(changesOf((await readToNow(source, start, tables)).events)).toHaveLength(1);
});

const READ_FILES = TESTED.filter(([, { type }]) => !type.startsWith('oracleRac'));

it.each(READ_FILES)('tells each redo log file that was read to its end: %s', async (_, tested) => {
  const events: PenstockEvent[] = [];
  const { database: opened, oracle } = await openFake(inject('postgres'), 'files', tested, (access, context) => {
    const host = { clock: context.clock, events: { emit: (event: PenstockEvent) => void events.push(event) } };
    const logfileProcessed: typeof context.logfileProcessed = (file) => emitLogfile(host, context.pipeline, file);
    return oracleConnector(access, { ...context, logfileProcessed });
  });
  await using database = opened;
  const { admin } = database;
  await admin.run('CREATE TABLE told (id INTEGER NOT NULL, PRIMARY KEY (id))');
  await using source = database.connect();
  const tables = [select(database, 'told')];
  let after = await source.prepare(tables, null, NEVER);
  const files = () => oracle.log.files().map(({ sequence }) => sequence);
  const current = () => Math.max(...files());
  const first = current();
  const told = () => events.flatMap((event) => (event.type === 'LogfileProcessed' ? [event] : []));
  for (const id of [1, 2, 3]) {
    await admin.run(`INSERT INTO told VALUES (${id})`);
    oracle.log.switchLogs();
    const read = await readToNow(source, after, tables);
    expect(changesOf(read.events)).toHaveLength(1);
    after = read.reached;
  }
  const sequences = told().map(({ fileSeq }) => fileSeq);
  // Reading begins anew from the place that it had reached: what is read again is told again, nothing is left out.
  expect([...new Set(sequences)]).toEqual(
    files().filter((sequence) => sequence >= first && sequence <= Math.max(...sequences)),
  );
  expect(Math.max(...sequences)).toBeGreaterThanOrEqual(first + 2);
  for (const event of told()) {
    expect(flowEventSchema('LogfileProcessed').safeParse(event).error).toBeUndefined();
    expect(event.file).toMatch(/^\/(?:arch|redo)/);
  }
});
