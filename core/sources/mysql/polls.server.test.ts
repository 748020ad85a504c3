import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SystemClock } from '../../../hosts/node/system-clock.ts';
import { SystemRandomness } from '../../../hosts/node/system-randomness.ts';
import {
  changesOf,
  copyTable,
  describeOne,
  NEVER,
  readToNow,
} from '../../../test/contracts/source-connector/reading.ts';
import { mysqlAccess, mysqlSelection } from '../../../test/fixtures/mysql-access.ts';
import { mysqlTestSource } from '../../../test/fixtures/mysql-source.ts';
import type { SourceClient } from '../../../test/fixtures/test-source.ts';
import type { SourceEvent } from '../../changes/change.ts';
import type { SourceConnector, TableSelection } from '../source-connector.ts';
import { mysqlPollConnector } from './poll-connector.ts';
import { MemoryScratch } from '../../../test/fixtures/memory-scratch.ts';

const DATABASE = 'polled';
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('extract types without a log', () => {
  const address = inject('mariadb');
  let client: SourceClient;
  let source: SourceConnector;
  const connect = (settings: Readonly<Record<string, unknown>> = {}) => {
    const access = mysqlAccess(address, DATABASE, {
      extractType: 'timestamps',
      lagSeconds: 0,
      pollSeconds: 0.05,
      ...settings,
    });
    const { password } = access;
    const host = {
      clock: new SystemClock(),
      randomness: new SystemRandomness(),
      scratch: new MemoryScratch(),
      log: SILENT,
    };
    return mysqlPollConnector(access.settings, {
      pipeline: 'polled',
      password,
      secret: () => Promise.reject(new Error('another secret was asked for')),
      extractThreads: 2,
      misfits: () => 'stop',
      ...host,
    });
  };
  const of = (name: string, timestampColumn: string | null, choices: Partial<TableSelection> = {}) =>
    mysqlSelection(DATABASE, name, { timestampColumn, ...choices });
  const polled = of('polled', 'at');
  const counted = of('counted', 'version');
  const rowsOf = (events: readonly SourceEvent[]) =>
    changesOf(events).map(({ op, before, after }) => [op, before, after?.slice(0, 2)]);
  /** The first column of the rows that come behind what there is now, after `sql`. */
  const newKeys = async (connector: SourceConnector, table: TableSelection, sql: string) => {
    const start = await connector.prepare([table], null, NEVER);
    await client.run(sql);
    const { events } = await readToNow(connector, start, [table]);
    return changesOf(events).map((change) => change.after?.[0]);
  };

  beforeAll(async () => {
    await mysqlTestSource.createDatabase(address, DATABASE);
    client = await mysqlTestSource.connect(address, DATABASE);
    await client.run(`
      CREATE TABLE polled (id int PRIMARY KEY, t text, at timestamp(6), KEY (at));
      CREATE TABLE counted (id int PRIMARY KEY, version bigint unsigned zerofill);
      CREATE TABLE priced (id int PRIMARY KEY, version decimal(30, 10));
      CREATE TABLE local_times (id int PRIMARY KEY, at datetime(3));
      CREATE TABLE days (id int PRIMARY KEY, day date);
      CREATE TABLE zeros (id int PRIMARY KEY, at datetime);
      CREATE TABLE keyless (at timestamp NULL)`);
    source = connect();
  });
  afterAll(async () => {
    await client.end();
  });

  it('timestamps: gives rows whose column grew, as updates, each once', async () => {
    await client.run(`INSERT INTO polled VALUES (1, 'before', NOW(6)); INSERT INTO counted VALUES (1, 9)`);
    const tables = [polled, counted];
    const start = await source.prepare(tables, null, NEVER);
    await client.run(
      `INSERT INTO polled VALUES (2, 'a\\tb\\\\', SYSDATE(6)); INSERT INTO counted VALUES (2, 18446744073709551614)`,
    );
    const first = await readToNow(source, start, tables);
    expect(rowsOf(first.events)).toEqual([
      ['update', null, ['2', 'a\tb\\']],
      ['update', null, ['2', '18446744073709551614']],
    ]);
    const tags = first.events.map((event) => event.tag).filter((tag) => tag !== 'heartbeat');
    expect(tags.join(' ')).toBe('begin schema row schema row commit');
    expect(changesOf(first.events)[0]!.schema.fingerprint).toBe((await describeOne(source, polled)).fingerprint);
    await client.run(`UPDATE polled SET t = 'b', at = SYSDATE(6) WHERE id = 1; UPDATE counted SET version = 18446744073709551615 WHERE id = 1;
      DELETE FROM polled WHERE id = 2`);
    const second = await readToNow(source, first.reached, tables);
    expect(rowsOf(second.events)).toEqual([
      ['update', null, ['1', 'b']],
      ['update', null, ['1', '18446744073709551615']],
    ]);
  });

  it('timestamps: a table that comes later is read from its beginning', async () => {
    const start = await source.prepare([counted], null, NEVER);
    const { events } = await readToNow(source, start, [polled]);
    expect(changesOf(events).length).toBeGreaterThan(0);
  });

  it('timestamps: decimals and days are marks too', async () => {
    await client.run(`INSERT INTO priced VALUES (1, 12345678901234567890.0000000001)`);
    const sql = `INSERT INTO priced VALUES (2, 12345678901234567890.0000000002), (3, 1)`;
    expect(await newKeys(source, of('priced', 'version'), sql)).toEqual(['2']);
    await client.run(`INSERT INTO days VALUES (1, '2026-01-01')`);
    const days = `INSERT INTO days VALUES (2, '2026-01-02'), (3, '2025-12-31')`;
    expect(await newKeys(source, of('days', 'day'), days)).toEqual(['1', '2']);
  });

  it('timestamps: a table of zero dates only goes on from them', async () => {
    await client.run(`SET sql_mode = ''; INSERT INTO zeros VALUES (1, 0)`);
    expect(await newKeys(source, of('zeros', 'at'), `INSERT INTO zeros VALUES (2, '2026-01-01')`)).toEqual(['2']);
  });

  it('timestamps: a snapshot holds just what polls before it gave', async () => {
    const start = await source.prepare([polled], null, NEVER);
    await client.run(`INSERT INTO polled VALUES (10, 'x', SYSDATE(6))`);
    const { events } = await readToNow(source, start, [polled]);
    expect(changesOf(events)).toHaveLength(1);
    await using snapshot = await source.openSnapshot({ tables: [polled], readers: 2 }, NEVER);
    expect((await copyTable(source, polled)).rows.some(([id]) => id === '10')).toBe(true);
    for (const event of events) if (event.tag === 'begin') expect(event.order < snapshot.position.order).toBe(true);
    expect(snapshot.position.lineage).toBe(start.lineage);
  });

  it('timestamps: rows younger than the lag wait, by the clock that they are written by', async () => {
    const patient = (timestampZone: string) => connect({ lagSeconds: 3600, timestampZone });
    const ago = (minutes: number, zone = 0) => `UTC_TIMESTAMP(6) + INTERVAL ${zone - minutes} MINUTE`;
    const zoneless = `INSERT INTO polled VALUES (20, 'young', ${ago(0)}), (21, 'old', ${ago(61)})`;
    expect(await newKeys(patient('-05:30'), polled, zoneless)).toEqual(['21']);
    for (const [zone, minutes, key] of [
      ['+00:00', 0, 30],
      ['-05:30', -330, 40],
      ['+13:00', 780, 50],
    ] as const) {
      await client.run('DELETE FROM local_times');
      const sql = `INSERT INTO local_times VALUES (${key}, ${ago(59, minutes)}), (${key + 1}, ${ago(61, minutes)})`;
      expect(await newKeys(patient(zone), of('local_times', 'at'), sql)).toEqual([String(key + 1)]);
    }
  });

  it('timestamps: an overlap finds rows that were committed late', async () => {
    await client.run('DELETE FROM polled');
    await client.run(
      `INSERT INTO polled VALUES (60, 'mark', '2026-01-01 00:00:10'), (61, 'old', '2026-01-01 00:00:00')`,
    );
    const late = `INSERT INTO polled VALUES (62, 'late', '2026-01-01 00:00:08.5'), (63, 'too late', '2026-01-01 00:00:07')`;
    expect(await newKeys(connect({ overlapSeconds: 2 }), polled, late)).toEqual(['62', '60']);
    expect(await newKeys(connect(), polled, 'DELETE FROM polled WHERE id > 61')).toEqual([]);
  });

  it('timestamps: sees one moment of all tables, and what is committed meanwhile at the next poll', async () => {
    await client.run('DELETE FROM polled; DELETE FROM counted');
    const tables = [polled, counted];
    const start = await source.prepare(tables, null, NEVER);
    await client.run(`INSERT INTO polled VALUES (70, 'first', SYSDATE(6)); INSERT INTO counted VALUES (70, 1)`);
    const controller = new AbortController();
    const stream = await source.openStream(start, tables, controller.signal);
    const events: SourceEvent[] = [];
    let commits = 0;
    for await (const batch of stream) {
      events.push(...batch);
      // While the view of the first poll is open.
      if (changesOf(events).length === 1) await client.run('INSERT INTO counted VALUES (71, 2)');
      commits += batch.filter(({ tag }) => tag === 'commit').length;
      if (commits === 2) break;
    }
    const transactions = events.map((event) =>
      event.tag === 'row' ? (event.change.after?.[0] ?? '') : event.tag === 'commit' ? '|' : '',
    );
    expect(transactions.join(' ').replaceAll(/ +/g, ' ').trim()).toBe('70 70 | 71 |');
  });

  it('timestamps: ends at once when it is told to', async () => {
    const start = await source.prepare([polled], null, NEVER);
    const controller = new AbortController();
    await using stream = await source.openStream(start, [polled], controller.signal);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const waiting = iterator.next();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('timestamps: needs a column and a key, and says what it cannot see', async () => {
    const refused = async (table: TableSelection, code: string) =>
      expect(source.prepare([table], null, NEVER)).rejects.toMatchObject({ code });
    await refused(of('polled', null), 'PS1001');
    await refused(of('polled', 't'), 'PS1001');
    await refused(of('keyless', 'at'), 'PS2011');
    const findings = await source.check([polled, counted, of('keyless', 'at')], NEVER);
    const found = findings.filter(({ severity }) => severity !== 'ok');
    expect(found.map(({ code }) => code)).toEqual(['mysql.deletes', 'mysql.timestamp_index', 'mysql.timestamp_column']);
    await client.run(found.find(({ code }) => code === 'mysql.timestamp_index')?.remedy ?? '');
    expect((await source.check([counted], NEVER)).map(({ code }) => code)).not.toContain('mysql.timestamp_index');
  });

  it('refuses a position of another source', async () => {
    const start = await source.prepare([polled], null, NEVER);
    expect(await source.prepare([polled], start, NEVER)).toEqual(start);
    const foreign = { ...start, lineage: 'mariadb/9-9/copies' };
    await expect(source.prepare([polled], foreign, NEVER)).rejects.toMatchObject({ code: 'PS2001' });
    await expect(source.openStream(foreign, [polled], NEVER)).rejects.toMatchObject({ code: 'PS2001' });
    expect(await source.logHealth(NEVER)).toEqual({ retainedBytes: null, headroomBytes: null, expiresAt: null });
  });

  it('full extracts: copies, and never has a change', async () => {
    const full = connect({ extractType: 'fullExtracts' });
    expect(full.mode).toBe('full');
    await client.run(`INSERT INTO polled VALUES (80, 'a', NOW(6))`);
    const tables = [of('polled', null), of('keyless', null)];
    const start = await full.prepare(tables, null, NEVER);
    expect((await copyTable(full, tables[0]!)).rows.map(([id]) => id)).toContain('80');
    const controller = new AbortController();
    await using stream = await full.openStream(start, tables, controller.signal);
    const next = stream[Symbol.asyncIterator]().next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    await full.teardown(NEVER);
  });
});
