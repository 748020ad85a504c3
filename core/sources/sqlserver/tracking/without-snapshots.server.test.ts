import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { fakeConnector } from '../../../../test/contracts/source-connector/sqlserver/servers.ts';
import { LogReader, NEVER, changesOf } from '../../../../test/contracts/source-connector/reading.ts';
import { sortedLines } from '../../../../test/contracts/source-connector/replica.ts';
import { Customers, TABLES } from '../../../../test/fixtures/sqlserver-fake/customers.ts';
import {
  openFakeDatabase,
  type FakeAdmin,
  type FakeDatabase,
} from '../../../../test/fixtures/sqlserver-fake/fake-database.ts';
import { NetReader } from '../../../../test/fixtures/sqlserver-fake/net-reader.ts';
import { selectionOf } from '../../../../test/fixtures/sqlserver-scripted/catalog.ts';
import type { Statement } from '../statements/statement.ts';

const SEED = Number(process.env['SEED'] ?? 20_261_123);
const ALLOW = 'ALTER DATABASE [tracking_without] SET ALLOW_SNAPSHOT_ISOLATION ON;';

describe('a database that allows no SNAPSHOT transactions', () => {
  let database: FakeDatabase;
  let admin: FakeAdmin;
  const tables = TABLES.map((name) => selectionOf(name));
  beforeAll(async () => {
    database = await openFakeDatabase(inject('postgres'), 'tracking_without', 'changeTracking');
    admin = database.admin();
    await admin.run(ALLOW.replace(' ON;', ' OFF;'));
    for (const name of TABLES)
      await admin.run(`CREATE TABLE ${name} (id INTEGER NOT NULL, n INTEGER, PRIMARY KEY (id))`);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  /** What is written when a round has its version and looks for changed tables. */
  const between: string[] = [];
  const interrupted: FakeDatabase = {
    ...{ name: 'tracking_without', reader: { user: 'tracking_without', password: '' } },
    opener: (login) => async (signal) => {
      const session = await database.opener({ ...login, password: database.reader.password })(signal);
      const read = session.read.bind(session);
      return Object.assign(session, {
        read: async function* (statement: Statement) {
          if (statement.tag === 'changedTables') await admin.run(...between.splice(0));
          yield* read(statement);
        },
      });
    },
    admin: () => admin,
    get faults() {
      return database.faults;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const connect = (settings: Readonly<Record<string, unknown>> = {}) =>
    fakeConnector(database, 'changeTracking', { settings: { pollSeconds: 0.01, ...settings } });

  it('is refused, with the statement that mends it', async () => {
    await using source = connect();
    const findings = await source.check(tables, NEVER);
    expect(findings.find(({ code }) => code === 'sqlserver.snapshot_isolation')).toMatchObject({
      severity: 'error',
      remedy: expect.stringContaining(ALLOW) as string,
    });
    const refusal = { code: 'PS2005', remedy: expect.stringContaining(ALLOW) as string };
    await expect(source.prepare(tables, null, NEVER)).rejects.toMatchObject(refusal);
    await expect(source.openSnapshot({ tables, readers: 1 }, NEVER)).rejects.toMatchObject(refusal);
  });

  it('is read where the user asks for it, and check warns of what that means', async () => {
    await using source = connect({ snapshotIsolation: 'without' });
    const findings = await source.check(tables, NEVER);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(findings.find(({ code }) => code === 'sqlserver.snapshot_isolation')).toMatchObject({ severity: 'warning' });
  });

  it('a row that is changed between the version of a round and its rows is told as it is then, and by the next round', async () => {
    await using source = fakeConnector(interrupted, 'changeTracking', {
      settings: { pollSeconds: 0.01, snapshotIsolation: 'without' },
    });
    const start = await source.prepare(tables, null, NEVER);
    await admin.run('INSERT INTO alpha (id, n) VALUES (5001, 1), (5002, 1), (5003, 1)');
    const end = await source.currentPosition(NEVER);
    between.push('UPDATE alpha SET n = 2 WHERE id = 5001', 'DELETE FROM alpha WHERE id = 5002');
    await using reader = await LogReader.open(source, start, tables);
    await reader.readTo(end);
    const told = () =>
      changesOf(reader.events)
        .map(({ op, before, after }) => `${op} ${(after ?? before)?.[0] ?? ''} ${after?.[1] ?? '-'}`)
        .sort();
    // The others were changed behind the round's version, and are left to the next one.
    expect(told()).toEqual(['update 5003 1']);
    await reader.readTo(await source.currentPosition(NEVER));
    expect(told()).toEqual(['delete 5002 -', 'update 5001 2', 'update 5003 1']);
  });

  it(`copies and rounds beside writers come to the source’s rows in the end (seed ${SEED})`, async () => {
    await using source = connect({ snapshotIsolation: 'without' });
    const reader = new NetReader(source, tables);
    {
      await using customers = new Customers(database, SEED);
      for (let life = 0; life < 12; life++) {
        const living = reader.live();
        await customers.progress(15);
        await living;
      }
    }
    await reader.live();
    expect([...reader.met], 'it needs no second try').toEqual([]);
    for (const name of TABLES) {
      const rows = await admin.rows(`SELECT id, n FROM ${name}`);
      expect(rows.length).toBeGreaterThan(10);
      expect(reader.lines(name)).toEqual(sortedLines(rows));
    }
  });
});
