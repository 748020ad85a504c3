import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { mysqlAccess, mysqlSelection } from '../../../test/fixtures/mysql-access.ts';
import { mysqlTestSource } from '../../../test/fixtures/mysql-source.ts';
import type { SourceClient, SourceServer } from '../../../test/fixtures/test-source.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { checkCopies, checkLog } from './check.ts';
import { openSession } from './connection.ts';
import { replicatedTable } from './describe.ts';
import { openDump } from './wire/dump.ts';
import { endOfLog } from './lineage.ts';
import { describeTables, logReading } from './prepare.ts';
import { readSourceTables } from './source-table.ts';

const NEVER = new AbortController().signal;
const DATABASE = 'checked';
const SERVER_ID = 4_000_000_000;

const faults = (findings: readonly Finding[]) =>
  findings.filter(({ severity }) => severity !== 'ok').map(({ code, severity }) => `${severity} ${code}`);
const errors = (findings: readonly Finding[]) => findings.filter(({ severity }) => severity === 'error');
/** What a remedy begins with, up to its first semicolon. */
const statementOf = (finding: Finding) => `${(finding.remedy ?? '').split(';')[0] ?? ''};`;

describe('check', () => {
  let server: SourceServer;
  let client: SourceClient;
  const of = (name: string, choices: Parameters<typeof mysqlSelection>[2] = {}) =>
    mysqlSelection(DATABASE, name, choices);
  const check = (
    tables: readonly TableSelection[],
    settings: Readonly<Record<string, unknown>> = {},
    serverId = SERVER_ID,
  ) => checkLog(mysqlAccess(server.address, DATABASE, settings), serverId, tables, NEVER);

  beforeAll(async () => {
    server = await mysqlTestSource.start({ 'binlog-ignore-db': 'unlogged', 'expire-logs-days': '7' });
    await mysqlTestSource.createDatabase(server.address, DATABASE);
    client = await mysqlTestSource.connect(server.address, DATABASE);
    await client.run(`
      CREATE TABLE sound (id int PRIMARY KEY, at datetime);
      CREATE TABLE keyless (a int);
      CREATE TABLE natural_key (a int, b int NOT NULL UNIQUE);
      CREATE TABLE isam (id int PRIMARY KEY) ENGINE=MyISAM;
      CREATE TABLE heap (id int PRIMARY KEY) ENGINE=MEMORY;
      CREATE TABLE versioned (id int PRIMARY KEY) WITH SYSTEM VERSIONING;
      CREATE TABLE chinese (id int PRIMARY KEY, t varchar(9) CHARACTER SET gbk);
      CREATE TABLE child (id int PRIMARY KEY, p int, q int, CONSTRAINT gone FOREIGN KEY (p) REFERENCES sound (id) ON DELETE CASCADE,
        CONSTRAINT stays FOREIGN KEY (q) REFERENCES sound (id));
      CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2;
      CREATE VIEW looks AS SELECT 1 AS one;
      CREATE SEQUENCE counts;
      CREATE DATABASE unlogged; CREATE TABLE unlogged.t (id int PRIMARY KEY);
      CREATE USER poor IDENTIFIED BY 'penstock-test'; CREATE USER partial IDENTIFIED BY 'penstock-test'`);
    await client.run(`GRANT SELECT (id) ON ${DATABASE}.sound TO partial`);
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  it('finds nothing wrong with a sound table', async () => {
    const findings = await check([of('sound'), of('parts')]);
    expect(faults(findings)).toEqual([]);
    const codes = findings.map(({ code }) => code);
    for (const name of [
      'connection',
      'log_bin',
      'server_id',
      'binlog_format',
      'binlog_row_image',
      'binlog_row_metadata',
      'binlog_checksum',
      'gtid',
      'binlog_retention',
      'binlog_right',
      'replication_right',
      'binlog_reach',
      'replica',
      'snapshot_right',
      'table',
    ]) {
      expect(codes).toContain(`mysql.${name}`);
    }
    for (const finding of findings) expect(finding.remedy).toBeNull();
    const messageOf = (code: string) => findings.find((finding) => finding.code === code)?.message;
    expect(messageOf('mysql.binlog_reach')).toMatch(/^the log reaches back \d+ \w+ \(1 file, .*for about 7 days$/);
    expect(messageOf('mysql.snapshot_right')).toContain('BACKUP STAGE');
  });

  it.each([
    [of('keyless'), ['warning mysql.no_key']],
    [of('natural_key', { key: ['a'] }), ['warning mysql.key', 'warning mysql.key_null']],
    [of('natural_key', { key: ['b'] }), []],
    [of('isam'), ['warning mysql.no_transactions']],
    [of('heap'), ['error mysql.engine', 'warning mysql.no_transactions']],
    [of('versioned'), ['error mysql.system_versioned']],
    [of('chinese'), ['error mysql.character_set']],
    [of('chinese', { mask: ['t'] }), []],
    [of('child'), ['error mysql.foreign_key']],
    [of('looks'), ['error mysql.table']],
    [of('counts'), ['error mysql.table']],
    [of('missing'), ['error mysql.table']],
    [of('Sound'), ['error mysql.table']],
    [of('sound', { where: 'nope > 1' }), ['error mysql.where']],
    [of('sound', { mask: ['nope'] }), ['error mysql.table_options']],
    [of('sound', { mask: ['id'] }), ['error mysql.table_options']],
    [of('sound', { typeChange: { at: '@X' } }), ['error mysql.table_options']],
    [mysqlSelection('unlogged', 't'), ['error mysql.binlog_filter']],
  ])('finds what is wrong with $table.name', async (table, expected) => {
    expect(faults(await check([table]))).toEqual(expected);
  });

  it('says what a chosen thing is, and what the server calls it', async () => {
    const said = async (name: string) => {
      const finding = errors(await check([of(name)]))[0];
      return `${finding?.message ?? ''} ${finding?.remedy ?? ''}`;
    };
    expect(await said('looks')).toContain('a view');
    expect(await said('counts')).toContain('sequence');
    expect(await said('Sound')).toContain(`${DATABASE}.sound`);
    expect(await said('child')).toContain('foreign key gone');
  });

  it('refuses in describe what it refuses here', async () => {
    await using session = await openSession(mysqlAccess(server.address, DATABASE), NEVER);
    const reading = logReading(session, mysqlAccess(server.address, DATABASE));
    for (const name of ['heap', 'versioned', 'chinese', 'child']) {
      await expect(describeTables(session, [of(name)], reading)).rejects.toMatchObject({ code: 'PS2011' });
      const [source] = await readSourceTables(session, [of(name).table]);
      expect(replicatedTable(source!, of(name), { ...reading, fromLog: false }).schema.table.name).toBe(name);
    }
  });

  it('takes a table with cascades where the user accepts them, and warns', async () => {
    const as = mysqlAccess(server.address, DATABASE, { cascades: 'accept' });
    expect(faults(await checkLog(as, SERVER_ID, [of('child')], NEVER))).toEqual(['warning mysql.foreign_key']);
    await using session = await openSession(as, NEVER);
    expect(await describeTables(session, [of('child')], logReading(session, as))).toHaveLength(1);
  });

  it('gives statements that mend tables', async () => {
    await client.run(`CREATE TABLE mended (id int PRIMARY KEY, p int, CONSTRAINT \`f k\` FOREIGN KEY (p) REFERENCES sound (id) ON UPDATE CASCADE);
      CREATE TABLE mended_heap (id int PRIMARY KEY) ENGINE=MEMORY; CREATE TABLE mended_key (a int);
      CREATE TABLE mended_text (id int PRIMARY KEY, t text CHARACTER SET big5)`);
    const tables = [of('mended'), of('mended_heap'), of('mended_key', { key: ['a'] }), of('mended_text')];
    const found = await check(tables);
    expect(faults(found)).toHaveLength(6);
    for (const finding of found) if (finding.remedy !== null) await client.run(statementOf(finding));
    expect(faults(await check(tables))).toEqual([]);
  });

  it('warns of zero dates that become NULL', async () => {
    expect(faults(await check([of('sound'), of('keyless')], { zeroDates: 'null' }))).toEqual([
      'warning mysql.no_key',
      'warning mysql.zero_dates',
    ]);
    expect(faults(await check([of('sound', { mask: ['at'] })], { zeroDates: 'null' }))).toEqual([]);
  });

  it('gives statements that mend the settings', async () => {
    await client.run(`SET GLOBAL binlog_format = STATEMENT; SET GLOBAL binlog_row_image = MINIMAL; SET GLOBAL binlog_row_metadata = NO_LOG;
      SET GLOBAL binlog_expire_logs_seconds = 3600`);
    const found = await check([of('sound'), of('keyless')]);
    expect(faults(found)).toEqual([
      'error mysql.binlog_format',
      'warning mysql.binlog_row_image',
      'error mysql.binlog_row_image',
      'warning mysql.binlog_row_metadata',
      'warning mysql.binlog_retention',
      'warning mysql.no_key',
    ]);
    const settings = found.filter(({ severity, code }) => severity !== 'ok' && code !== 'mysql.no_key');
    for (const finding of settings) await client.run(statementOf(finding));
    expect(faults(await check([of('sound')]))).toEqual([]);
    await client.run('SET GLOBAL binlog_expire_logs_seconds = 0');
    const forever = (await check([])).find(({ code }) => code === 'mysql.binlog_retention');
    expect(forever?.severity).toBe('warning');
    await client.run(statementOf(forever!));
    expect(faults(await check([of('sound')]))).toEqual([]);
  });

  it('finds a number that is taken', async () => {
    expect(faults(await check([], {}, 1))).toEqual(['error mysql.server_id']);
  });

  it('finds a replica that does not log what it applies', async () => {
    await client.run(`CHANGE MASTER TO master_host = '127.0.0.1', master_user = 'nobody'`);
    try {
      expect(faults(await check([]))).toEqual(['error mysql.replica']);
    } finally {
      await client.run('RESET SLAVE ALL');
    }
  });

  it('finds the rights that a user lacks, one after the other', async () => {
    await client.run(`GRANT INSERT ON ${DATABASE}.sound TO poor`);
    const access = mysqlAccess({ ...server.address, user: 'poor' }, DATABASE);
    const findings = () => checkLog(access, SERVER_ID, [of('sound')], NEVER);
    const expected = [
      [
        'error mysql.binlog_right',
        'warning mysql.alter_waits',
        'error mysql.snapshot_right',
        'error mysql.select_right',
      ],
      ['error mysql.replication_right'],
      [],
    ];
    for (const wanted of expected) {
      const found = await findings();
      expect(faults(found)).toEqual(wanted);
      for (const finding of found) if (finding.remedy !== null) await client.run(statementOf(finding));
    }
  });

  it('says when a snapshot has to lock the tables themselves', async () => {
    await client.run(`CREATE USER locker IDENTIFIED BY 'penstock-test'; GRANT REPLICATION CLIENT, REPLICATION SLAVE, BINLOG ADMIN ON *.* TO locker;
      GRANT SELECT, LOCK TABLES ON \`check%\`.* TO locker`);
    const access = mysqlAccess({ ...server.address, user: 'locker' }, DATABASE);
    const findings = await checkLog(access, SERVER_ID, [of('sound')], NEVER);
    expect(faults(findings)).toEqual([]);
    expect(findings.find(({ code }) => code === 'mysql.snapshot_right')?.message).toContain('LOCK TABLES');
  });

  it('finds a user who may read some columns only', async () => {
    const access = mysqlAccess({ ...server.address, user: 'partial' }, DATABASE);
    expect(faults(await checkCopies(access, [of('sound')], NEVER))).toEqual(['error mysql.select_right']);
  });

  it('leaves a reader of the same number alone', async () => {
    await using reader = await openSession(mysqlAccess(server.address, DATABASE), NEVER);
    const { file, position } = await endOfLog(reader);
    const packets = await openDump(reader, { serverId: SERVER_ID, file, position, isFollowing: true });
    await packets.more();
    await check([of('sound')]);
    const dumps = await client.rows(
      `SELECT id FROM information_schema.PROCESSLIST WHERE COMMAND = 'Binlog Dump' AND ID = ${reader.connection.threadId}`,
    );
    expect(dumps).toHaveLength(1);
    reader.destroy();
  });

  it('checks copies without a log', async () => {
    const access = mysqlAccess(inject('mariadb'), 'mysql');
    expect(faults(await checkLog(access, SERVER_ID, [], NEVER))).toContain('error mysql.log_bin');
    expect(faults(await checkCopies(access, [], NEVER))).toEqual([]);
    const tables = [of('versioned'), of('chinese'), of('child'), of('keyless')];
    expect(faults(await checkCopies(mysqlAccess(server.address, DATABASE), tables, NEVER))).toEqual([]);
  });

  it('finds a server that cannot be reached, and a refused login', async () => {
    expect(faults(await check([], { port: 1 }))).toEqual(['error mysql.connection']);
    expect(faults(await check([], { user: 'nobody' }))).toEqual(['error mysql.login']);
  });
});
