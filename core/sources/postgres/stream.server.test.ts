import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import type { SourceConnector, TableSelection } from '../source-connector.ts';
import { createDatabase, connectPostgres, startPostgres } from '../../../test/fixtures/postgres-server.ts';
import { NEVER, changesOf } from '../../../test/contracts/source-connector/reading.ts';
import { postgresTest, readEvents, selection, type PostgresTest } from '../../../test/fixtures/postgres-connector.ts';

describe('the log', () => {
  let test: PostgresTest;
  beforeAll(async () => {
    test = await postgresTest(inject('postgres'), 'log_stream');
  });
  afterAll(async () => {
    await test[Symbol.asyncDispose]();
  });

  /** Prepares, runs statements, and reads what they made; drops slot and publication again. */
  async function logOf(
    tables: readonly TableSelection[],
    statements: readonly string[],
  ): Promise<readonly SourceEvent[]> {
    await test.source.teardown(NEVER);
    const start = await test.source.prepare(tables, null, NEVER);
    for (const statement of statements) await test.client.query(statement);
    return readEvents(test.source, start, tables, await test.source.currentPosition(NEVER));
  }
  const rows = (events: readonly SourceEvent[]) =>
    changesOf(events).map(({ op, before, after }) => ({ op, before, after }));

  it('marks unchanged TOAST as absent, and fills it from the old row where the log has it', async () => {
    await test.client.query(`
      CREATE TABLE toasted (id int PRIMARY KEY, big text, n int); ALTER TABLE toasted ALTER big SET STORAGE EXTERNAL;
      CREATE TABLE toasted_full (id int PRIMARY KEY, big text, n int); ALTER TABLE toasted_full ALTER big SET STORAGE EXTERNAL;
      ALTER TABLE toasted_full REPLICA IDENTITY FULL`);
    const big = 'x'.repeat(10_000);
    const events = await logOf(
      [selection('toasted'), selection('toasted_full')],
      ['toasted', 'toasted_full'].flatMap((table) => [
        `INSERT INTO ${table} VALUES (1, '${big}', 1)`,
        `UPDATE ${table} SET n = 2`,
        `UPDATE ${table} SET id = 2`,
      ]),
    );
    expect(rows(events)).toEqual([
      { op: 'insert', before: null, after: ['1', big, '1'] },
      { op: 'update', before: null, after: ['1', undefined, '2'] },
      { op: 'update', before: ['1', undefined, undefined], after: ['2', undefined, '2'] },
      { op: 'insert', before: null, after: ['1', big, '1'] },
      { op: 'update', before: null, after: ['1', big, '2'] },
      { op: 'update', before: ['1', big, '2'], after: ['2', big, '2'] },
    ]);
  });

  it('refuses tables whose log does not identify rows', async () => {
    await test.client.query(`
      CREATE TABLE blind (a int); CREATE TABLE nothing (id int PRIMARY KEY); ALTER TABLE nothing REPLICA IDENTITY NOTHING;
      CREATE TABLE deferred (id int PRIMARY KEY DEFERRABLE, natural_key int NOT NULL)`);
    for (const name of ['blind', 'nothing', 'deferred']) {
      await expect(test.source.describeTables([selection(name)], NEVER)).rejects.toMatchObject({
        code: 'PS2011',
        table: `public.${name}`,
      });
    }
    await test.client.query(`CREATE TABLE keyed (id int PRIMARY KEY, name text, n int)`);
    const chosen = selection('keyed', { key: ['n'] });
    await expect(test.source.prepare([chosen], null, NEVER)).rejects.toMatchObject({ code: 'PS2011' });
  });

  it('gives truncates of chosen tables, cascades too', async () => {
    await test.client.query(
      `CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY REFERENCES parent); CREATE TABLE unchosen (id int PRIMARY KEY)`,
    );
    const events = await logOf(
      [selection('parent'), selection('child')],
      [`INSERT INTO parent VALUES (1)`, `TRUNCATE parent CASCADE`, `TRUNCATE unchosen`],
    );
    const truncated = events.flatMap((event) => (event.tag === 'truncate' ? [event.table.name] : []));
    expect(truncated.sort()).toEqual(['child', 'parent']);
    for (const [index, event] of events.entries()) {
      if (event.tag !== 'truncate') continue;
      const known = events
        .slice(0, index)
        .flatMap((earlier) => (earlier.tag === 'schema' ? [earlier.schema.table.name] : []));
      expect(known).toContain(event.table.name);
    }
  });

  it('gives changes of partitions under the partitioned table', async () => {
    await test.client.query(`
      CREATE TABLE parts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')`);
    const events = await logOf(
      [selection('parts')],
      [`INSERT INTO parts VALUES (1, '2024-05-05')`, `UPDATE parts SET at = '2025-05-05'`, `DELETE FROM parts`],
    );
    expect(changesOf(events).map((change) => change.schema.table.name)).toEqual(['parts', 'parts', 'parts', 'parts']);
    expect(rows(events).map(({ op }) => op)).toEqual(['insert', 'delete', 'insert', 'delete']);
  });

  it('gives stored generated columns and leaves virtual ones out', async () => {
    await test.client.query(
      `CREATE TABLE generated (id int PRIMARY KEY, s int GENERATED ALWAYS AS (id * 2) STORED, v int GENERATED ALWAYS AS (id * 3) VIRTUAL)`,
    );
    const [schema] = await test.source.describeTables([selection('generated')], NEVER);
    expect(schema!.columns.map((column) => column.name)).toEqual(['id', 's']);
    const events = await logOf([selection('generated')], [`INSERT INTO generated (id) VALUES (4)`]);
    expect(rows(events)).toEqual([{ op: 'insert', before: null, after: ['4', '8'] }]);
    expect(changesOf(events)[0]!.schema.fingerprint).toBe(schema!.fingerprint);
  });

  it('announces an altered structure before its first row, with what old rows have in an added column', async () => {
    await test.client.query(`CREATE TABLE altered (id int PRIMARY KEY, n int); INSERT INTO altered VALUES (1, 1)`);
    const events = await logOf(
      [selection('altered')],
      [
        `INSERT INTO altered VALUES (2, 2)`,
        `ALTER TABLE altered ADD COLUMN c text DEFAULT 'it''s {new}'`,
        `INSERT INTO altered VALUES (3, 3)`,
        `ALTER TABLE altered ADD COLUMN d int`,
        `ALTER TABLE altered ALTER n TYPE bigint`,
        `INSERT INTO altered VALUES (4, 4, 'x', 5)`,
        `ALTER TABLE altered ADD COLUMN r double precision DEFAULT random()`,
        `INSERT INTO altered VALUES (5, 5, 'x', 5, 0.5)`,
      ],
    );
    const order = events.filter((event) => event.tag === 'schema' || event.tag === 'row').map((event) => event.tag);
    expect(order).toEqual(['schema', 'row', 'schema', 'row', 'schema', 'row', 'schema', 'row']);
    const last = events.flatMap((event) => (event.tag === 'schema' ? [event.schema] : [])).at(-1)!;
    const [now] = await test.source.describeTables([selection('altered')], NEVER);
    expect(last.fingerprint).toBe(now!.fingerprint);
    const column = (name: string) => last.columns.find((one) => one.name === name);
    expect(column('n')!.type).toEqual({ tag: 'integer', bits: 64, unsigned: false });
    // The type change rewrote the table: the default of c is in the rows now, and its trace in the catalog is gone.
    expect(column('c')).toMatchObject({ backfill: null, backfillUnknown: true });
    expect(column('d')!.backfillUnknown).toBeUndefined();
    expect(column('r')).toMatchObject({ backfill: null, backfillUnknown: true });

    await test.client.query(
      `ALTER TABLE altered ADD COLUMN e date DEFAULT '2024-01-01', ADD COLUMN f bool DEFAULT true, ADD COLUMN g text[] DEFAULT '{a,"b c"}'`,
    );
    const [added] = await test.source.describeTables([selection('altered')], NEVER);
    expect(added!.columns.slice(-3).map(({ backfill }) => backfill)).toEqual(['2024-01-01', '1', '{a,"b c"}']);
  });

  it('tells of a chosen table that is renamed, and goes on without it', async () => {
    await test.client.query(`CREATE TABLE renamed (id int PRIMARY KEY)`);
    const log = await logOf(
      [selection('renamed')],
      [
        `INSERT INTO renamed VALUES (1)`,
        `ALTER TABLE renamed RENAME TO elsewhere`,
        `INSERT INTO elsewhere VALUES (2)`,
        `DELETE FROM elsewhere`,
      ],
    );
    expect(changesOf(log)).toHaveLength(1);
    const obstacles = log.filter((event) => event.tag === 'obstacle');
    expect(obstacles).toMatchObject([{ table: { name: 'renamed' }, reason: 'it was renamed to public.elsewhere' }]);
  });

  it('acknowledges only what it is told to', async () => {
    await test.client.query(`CREATE TABLE resumed (id int PRIMARY KEY)`);
    const tables = [selection('resumed')];
    await test.source.teardown(NEVER);
    const start = await test.source.prepare(tables, null, NEVER);
    const confirmed = async () => {
      const result = await test.client.query<{ lsn: string }>(
        `SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = 'penstock_log_stream'`,
      );
      return result.rows[0]!.lsn;
    };
    const before = await confirmed();
    await test.client.query(`INSERT INTO resumed SELECT generate_series(100, 200)`);
    await test.client.query(`INSERT INTO resumed VALUES (201)`);
    const first: SourcePosition[] = [];
    {
      await using stream = await test.source.openStream(start, tables, NEVER);
      for await (const events of stream) {
        first.push(...events.flatMap((event) => (event.tag === 'commit' ? [event.position] : [])));
        if (first.length >= 2) break;
      }
    }
    expect(await confirmed()).toBe(before);
    {
      await using stream = await test.source.openStream(start, tables, NEVER);
      stream.acknowledge(first[0]!);
      for await (const events of stream) if (events.some((event) => event.tag === 'commit')) break;
    }
    expect(await confirmed()).toBe(first[0]!.resume);
  });

  it('reaches the current position beside an open transaction and after asynchronous commits', async () => {
    const tables = [selection('resumed')];
    const start = await test.source.prepare(tables, null, NEVER);
    const other = await connectPostgres(test.address, test.database);
    try {
      await other.query(`BEGIN; INSERT INTO unchosen SELECT generate_series(1000, 1200)`);
      await test.client.query(
        `SET synchronous_commit = off; INSERT INTO resumed VALUES (300); RESET synchronous_commit`,
      );
      const until = await test.source.currentPosition(NEVER);
      const events = await readEvents(test.source, start, tables, until);
      expect(changesOf(events).at(-1)!.after).toEqual(['300']);
    } finally {
      await other.query('ROLLBACK');
      await other.end();
    }
  });

  it('moves on while only another database is busy', async () => {
    const tables = [selection('resumed')];
    const start = await test.source.prepare(tables, null, NEVER);
    await createDatabase(test.address, 'log_neighbour');
    const neighbour = await connectPostgres(test.address, 'log_neighbour');
    await neighbour.query(`CREATE TABLE busy (id int, t text)`);
    await neighbour.query(`INSERT INTO busy SELECT i, repeat('x', 100) FROM generate_series(1, 50000) i`);
    const until = await test.source.currentPosition(NEVER);
    const events = await readEvents(test.source, start, tables, until);
    const heartbeats = events.filter((event) => event.tag === 'heartbeat');
    expect(heartbeats.at(-1)!.position.order >= until.order).toBe(true);
    await neighbour.end();
  });

  it('says that the slot is in use', async () => {
    const tables = [selection('resumed')];
    const start = await test.source.prepare(tables, null, NEVER);
    await using stream = await test.source.openStream(start, tables, NEVER);
    await expect(test.source.openStream(start, tables, NEVER)).rejects.toMatchObject({ code: 'PS2007' });
    stream.acknowledge(start);
  });

  it('writes a heartbeat into the log only if it is asked to', async () => {
    const tables = [selection('resumed')];
    await test.source.teardown(NEVER);
    const start = await test.source.prepare(tables, null, NEVER);
    await test.client.query(`SELECT pg_create_logical_replication_slot('log_watcher', 'pgoutput')`);
    const written = async () => {
      const seen = await test.client.query(
        `SELECT FROM pg_logical_slot_peek_binary_changes('log_watcher', NULL, NULL, 'proto_version', '1', 'publication_names', 'penstock_log_stream', 'messages', 'true')
         WHERE get_byte(data, 0) = ascii('M')`,
      );
      return seen.rowCount ?? 0;
    };
    const readFor = async (source: SourceConnector, isEnough: () => Promise<boolean>) => {
      await using stream = await source.openStream(start, tables, NEVER);
      for await (const events of stream) {
        if (!events.some((event) => event.tag === 'heartbeat')) continue;
        if (await isEnough()) return;
        await test.client.query(`SELECT pg_logical_emit_message(true, 'test', '')`);
      }
    };
    let rounds = 0;
    // The test's own messages keep the first stream going; it writes none.
    await readFor(test.source, () => Promise.resolve(++rounds > 3));
    const own = await written();
    expect(own).toBe(3);
    const beating = test.connect({ heartbeatSeconds: 0.1 });
    await using stream = await beating.openStream(start, tables, NEVER);
    for await (const events of stream) {
      if (events.length > 0 && (await written()) >= own + 2) break;
    }
    await test.client.query(`SELECT pg_drop_replication_slot('log_watcher')`);
  });

  it('can be torn down while it is read', async () => {
    const tables = [selection('resumed')];
    const start = await test.source.prepare(tables, null, NEVER);
    await using stream = await test.source.openStream(start, tables, NEVER);
    const ended = drain(stream);
    await Promise.all([expect(ended).rejects.toMatchObject({ code: 'PS2010' }), test.source.teardown(NEVER)]);
  });
});

describe('the log of a server where nothing else happens', () => {
  it('is read to its end, also where it is flushed up to the middle of a record', async () => {
    const server = await startPostgres({ settings: { shared_buffers: '16MB' } });
    try {
      await using test = await postgresTest(server.address, 'idle');
      await test.client.query(`CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE wide (id int, t text)`);
      const tables = [selection('a')];
      const start = await test.source.prepare(tables, null, NEVER);
      await test.client.query(`INSERT INTO a VALUES (1)`);
      const idle = await test.source.currentPosition(NEVER);
      expect(changesOf(await readEvents(test.source, start, tables, idle))).toHaveLength(1);

      // Whole pages of records that nobody commits: the log writer flushes them up to a page's end.
      const other = await connectPostgres(server.address, 'idle');
      await other.query(`BEGIN; INSERT INTO wide SELECT i, repeat('y', 1500) FROM generate_series(1, 100) i`);
      const until = await test.source.currentPosition(NEVER);
      expect(BigInt(`0x${until.order}`) % 8192n).toBe(0n);
      await readEvents(test.source, start, tables, until);
      await other.query('ROLLBACK');
      await other.end();
    } finally {
      await server.stop();
    }
  });
});

async function drain(stream: AsyncIterable<readonly SourceEvent[]>): Promise<void> {
  for await (const events of stream) if (events.length < 0) return;
}
