import { expect, it } from 'vitest';
import { trackedPosition } from '../../../../core/sources/sqlserver/place.ts';
import { datetime2, decimal, integer, nvarchar } from '../../../fixtures/tds/columns.ts';
import type { TdsRequest } from '../../../fixtures/tds/request.ts';
import { isVersionQuestion, versionAnswer } from '../../../fixtures/tds/sqlserver-access.ts';
import { startTdsServer, type TdsPart, type TdsServer } from '../../../fixtures/tds/tds-server.ts';
import type { Target } from '../../../sqlserver/target.ts';
import { failure } from '../contract.ts';
import { NEVER } from '../reading.ts';
import { breakableSqlserver, realSqlserver } from './servers-real.ts';

// What the suites would do on a SQL Server, as far as its wire goes: what is sent, by whom, and what becomes of answers.

function* answer(request: TdsRequest): Generator<TdsPart> {
  if (isVersionQuestion(request)) yield* versionAnswer(request);
  if (request.sql.includes('dm_exec_sessions')) yield { tag: 'rows', columns: [integer('', 2)], rows: [[51n], [52n]] };
  if (request.sql === 'KILL 51')
    yield { tag: 'message', number: 6106, text: 'Process ID 51 is not an active process ID.', class: 16 };
  if (request.sql === 'SELECT all') {
    const columns = [integer('', 4), decimal('', 6, 2), nvarchar('', 10), datetime2('')];
    yield {
      tag: 'rows',
      columns,
      rows: [
        [7n, 150n, 'ü', { days: 0, ticks: 10_000_000n }],
        [null, null, null, null],
      ],
    };
  }
}

function targetOf({ host, port }: Pick<TdsServer, 'host' | 'port'>): Target {
  return { host, port, user: 'sa', password: 'secret', tls: null, options: {} };
}

/** What was sent by the tests' own sessions. */
function sent(server: TdsServer): string[] {
  return server.requests.map(({ sql }) => sql).filter((sql) => !sql.includes('NOCOUNT ON'));
}

it('makes a database and a user with just the rights that a pipeline needs, and drops what is its own', async () => {
  await using server = await startTdsServer({ answer });
  const database = await realSqlserver(targetOf(server), 'cdc').database('contract_x');
  const name = 'penstock_test_cdc_contract_x';
  expect(server.logins.map(({ user, database: into }) => [user, into])).toEqual([
    ['sa', 'master'],
    ['sa', name],
  ]);
  const made = sent(server);
  expect(made.map((sql) => sql.replaceAll(name, '…'))).toMatchInlineSnapshot(`
    [
      "IF DB_ID(N'…') IS NOT NULL BEGIN ALTER DATABASE […] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE […] END",
      "CREATE DATABASE […] COLLATE Latin1_General_100_CI_AS_SC_UTF8",
      "ALTER DATABASE […] SET ALLOW_SNAPSHOT_ISOLATION ON",
      "IF SUSER_ID(N'…') IS NOT NULL DROP LOGIN […]",
      "CREATE LOGIN […] WITH PASSWORD = N'penstock-Reader-1', CHECK_POLICY = OFF",
      "CREATE USER […] FOR LOGIN […]",
      "GRANT SELECT, VIEW CHANGE TRACKING ON SCHEMA::dbo TO […]",
      "GRANT VIEW DATABASE STATE TO […]",
      "EXEC sys.sp_cdc_enable_db",
      "GRANT SELECT ON SCHEMA::cdc TO […]",
    ]
  `);
  await database[Symbol.asyncDispose]();
  expect(sent(server).slice(made.length)).toEqual([
    made[0],
    made[3],
    expect.stringContaining(`DROP LOGIN [${name}_poor]`),
  ]);
  for (const sql of sent(server).filter((one) => one.includes('DROP'))) expect(sql).toContain('[penstock_test_');
});

it('writes in T-SQL, has tables tracked, and gives results as texts', async () => {
  await using server = await startTdsServer({ answer });
  await using database = await realSqlserver(targetOf(server), 'changeTracking').database('contract_x');
  await using session = await database.session();
  const before = sent(server).length;
  await session.run('CREATE TABLE t (id INTEGER NOT NULL, PRIMARY KEY (id))', 'BEGIN', 'SAVEPOINT a', 'COMMIT');
  expect(sent(server).slice(before)).toEqual([
    'CREATE TABLE t (id INTEGER NOT NULL, CONSTRAINT t_pkey PRIMARY KEY (id))',
    expect.stringMatching(/ALTER TABLE dbo\.t ENABLE CHANGE_TRACKING$/),
    'BEGIN TRANSACTION',
    'SAVE TRANSACTION a',
    'COMMIT TRANSACTION',
  ]);
  expect(await session.rows('SELECT all')).toEqual([
    ['7', '1.50', 'ü', '0001-01-01 00:00:01.000'],
    [null, null, null, null],
  ]);
});

it('asks for the rows of a version, of which the server keeps every image', async () => {
  await using server = await startTdsServer({ answer });
  await using database = await realSqlserver(targetOf(server), 'changeTracking').database('contract_x');
  const place = { version: '17', told: {}, fresh: [] };
  await database.rowsAt?.('busy', ['id', 'n'], trackedPosition('lineage', place));
  expect(sent(server).at(-1)).toMatch(
    /^SELECT id, n FROM .*CHANGETABLE\(CHANGES seen\.busy, 0\).*VERSION <= 17\) AS images/s,
  );
});

it('connects a pipeline as its reader, counts its sessions and ends them', async () => {
  await using server = await startTdsServer({ answer });
  await using database = await realSqlserver(targetOf(server), 'changeTracking').database('contract_x');
  await using source = database.connect({ settings: { extractType: 'fullExtracts' } });
  await source.listTables(NEVER);
  expect(server.logins.at(-1)).toMatchObject({
    user: 'penstock_test_changetracking_contract_x',
    application: 'penstock',
  });
  const poor = await database.poorUser();
  expect(sent(server).at(-1)).toBe(`CREATE USER [${poor.user}] FOR LOGIN [${poor.user}]`);
  expect(await database.connections()).toBe(2);
  // One was gone before it could be ended.
  await database.endConnections();
  expect(sent(server).slice(-2)).toEqual(['KILL 51', 'KILL 52']);
});

it('is stopped and started as a server is that others use: the way to it is cut', async () => {
  await using server = await startTdsServer({ answer });
  await using own = await breakableSqlserver(targetOf(server), 'changeTracking');
  await using database = await own.database('contract_x');
  await using source = database.connect({ settings: { extractType: 'fullExtracts' } });
  await source.listTables(NEVER);
  await own.stop();
  expect(await failure(source.listTables(NEVER))).toMatchObject({ code: 'PS2002' });
  await own.start();
  await source.listTables(NEVER);
  await database.admin.run('SELECT 1');
});
