import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import { rangeHolds } from '../../changes/copy-mark.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Snapshot, TableSelection } from '../source-connector.ts';
import {
  changesOf,
  NEVER,
  postgresTest,
  readEvents,
  readRows,
  selection,
  type PostgresTest,
} from '../../../test/fixtures/postgres-connector.ts';
import { connectPostgres } from '../../../test/fixtures/postgres-server.ts';

describe('a snapshot', () => {
  let test: PostgresTest;
  beforeAll(async () => {
    test = await postgresTest(inject('postgres'), 'snapshots');
  });
  afterAll(async () => {
    await test[Symbol.asyncDispose]();
  });

  async function described(table: TableSelection): Promise<TableSchema> {
    const [schema] = await test.source.describeTables([table], NEVER);
    return schema!;
  }

  async function readAll(
    snapshot: Snapshot,
    table: TableSelection,
    ranges: readonly ChunkRange[],
  ): Promise<(string | null)[][]> {
    const schema = await described(table);
    const chunks = await Promise.all(ranges.map((range) => readRows(snapshot, table, schema, range)));
    for (const chunk of chunks) expect(chunk.counted).toBe(chunk.rows.length);
    return chunks.flatMap((chunk) => chunk.rows);
  }

  const PLANNED: readonly { readonly name: string; readonly sql: string; readonly tag: ChunkRange['tag'] }[] = [
    {
      name: 'ascending',
      sql: `CREATE TABLE ascending AS SELECT i AS id, repeat('x', 50) AS t FROM generate_series(1, 20000) i; ALTER TABLE ascending ADD PRIMARY KEY (id)`,
      tag: 'key',
    },
    {
      name: 'negative',
      sql: `CREATE TABLE negative AS SELECT i::bigint * 1000000007 AS id, repeat('x', 50) AS t FROM generate_series(-10000, 10000) i; ALTER TABLE negative ADD PRIMARY KEY (id)`,
      tag: 'key',
    },
    {
      name: 'skewed',
      sql: `CREATE TABLE skewed AS SELECT CASE WHEN i < 19000 THEN i ELSE i::bigint * 1000000 END AS id, repeat('x', 50) AS t FROM generate_series(1, 20000) i; ALTER TABLE skewed ADD PRIMARY KEY (id)`,
      tag: 'key',
    },
    {
      name: 'composite',
      sql: `CREATE TABLE composite AS SELECT i % 7 AS b, i / 40 AS a, i % 40 AS c, repeat('x', 50) AS t FROM generate_series(1, 20000) i; ALTER TABLE composite ADD PRIMARY KEY (a, c)`,
      tag: 'key',
    },
    {
      name: 'dated',
      sql: `CREATE TABLE dated AS SELECT timestamptz '2024-01-01' + i * interval '1 hour' AS at, repeat('x', 50) AS t FROM generate_series(1, 20000) i; ALTER TABLE dated ADD PRIMARY KEY (at)`,
      tag: 'key',
    },
    {
      name: 'shuffled',
      sql: `CREATE TABLE shuffled AS SELECT i AS id, repeat('x', 50) AS t FROM generate_series(1, 20000) i ORDER BY md5(i::text); ALTER TABLE shuffled ADD PRIMARY KEY (id)`,
      tag: 'pages',
    },
    {
      name: 'uuids',
      sql: `CREATE TABLE uuids AS SELECT md5(i::text)::uuid AS id, repeat('x', 50) AS t FROM generate_series(1, 20000) i; ALTER TABLE uuids ADD PRIMARY KEY (id)`,
      tag: 'pages',
    },
    {
      name: 'texts',
      sql: `CREATE TABLE texts AS SELECT 'k' || i AS id, repeat('x', 50) AS t FROM generate_series(1, 20000) i; ALTER TABLE texts ADD PRIMARY KEY (id)`,
      tag: 'pages',
    },
    {
      name: 'keyless',
      sql: `CREATE TABLE keyless AS SELECT i % 100 AS n, repeat('x', 50) AS t FROM generate_series(1, 20000) i; ALTER TABLE keyless REPLICA IDENTITY FULL`,
      tag: 'pages',
    },
    {
      name: 'partitioned',
      sql: `CREATE TABLE partitioned (id int PRIMARY KEY, t text) PARTITION BY RANGE (id);
        CREATE TABLE part_a PARTITION OF partitioned FOR VALUES FROM (MINVALUE) TO (15000); CREATE TABLE part_b PARTITION OF partitioned FOR VALUES FROM (15000) TO (MAXVALUE);
        INSERT INTO partitioned SELECT i, repeat('x', 50) FROM generate_series(1, 20000) i`,
      tag: 'key',
    },
    {
      name: 'partitioned_text',
      sql: `CREATE TABLE partitioned_text (id text PRIMARY KEY, t text) PARTITION BY HASH (id);
        CREATE TABLE part_0 PARTITION OF partitioned_text FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE part_1 PARTITION OF partitioned_text FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO partitioned_text SELECT i, repeat('x', 50) FROM generate_series(1, 20000) i`,
      tag: 'pages',
    },
    { name: 'empty', sql: `CREATE TABLE empty (id int PRIMARY KEY)`, tag: 'whole' },
  ];

  it.each(PLANNED)('cuts $name into chunks that hold every row once', async ({ name, sql, tag }) => {
    await test.client.query(sql);
    await test.client.query(`ANALYZE ${name}`);
    const table = selection(name);
    const schema = await described(table);
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    const ranges = await snapshot.planChunks(table, schema, 200_000, NEVER);
    expect(new Set(ranges.map((range) => range.tag))).toEqual(new Set([tag]));
    if (tag !== 'whole') expect(ranges.length).toBeGreaterThan(4);
    const rows = await readAll(snapshot, table, ranges);
    const direct = await test.client.query<{ count: string }>(`SELECT count(*) FROM ${name}`);
    expect(rows.length).toBe(Number(direct.rows[0]!.count));
    const whole = await readAll(snapshot, table, [{ tag: 'whole' }]);
    expect(rows.map((row) => row.join('\t')).sort()).toEqual(whole.map((row) => row.join('\t')).sort());
    for (const range of ranges) {
      if (range.tag !== 'key') continue;
      const ordinal = schema.columns.findIndex((column) => column.name === range.column);
      const chunk = await readRows(snapshot, table, schema, range);
      // The ranges of code and of SQL agree; none of them holds more than three times its share.
      expect(chunk.rows.every((row) => rangeHolds(range, row[ordinal]!))).toBe(true);
      expect(chunk.rows.length).toBeLessThan((3 * rows.length) / ranges.length);
    }
  });

  it('together with the log behind it gives every change of busy tables just once', async () => {
    await test.client.query(
      `CREATE TABLE busy (id int PRIMARY KEY, n int NOT NULL); INSERT INTO busy SELECT i, 0 FROM generate_series(1, 50) i`,
    );
    const table = selection('busy');
    await test.source.teardown(NEVER);
    const start = await test.source.prepare([table], null, NEVER);
    const stop = new AbortController();
    const writers = await Promise.all([1, 2, 3, 4].map(() => connectPostgres(test.address, test.database)));
    const writing = writers.map(async (writer, index) => {
      for (let round = 0; !stop.signal.aborted; round++) {
        await writer.query(`UPDATE busy SET n = n + 1 WHERE id = ${((round * 7 + index * 13) % 50) + 1}`);
        if (round % 5 === 0) await writer.query(`INSERT INTO busy VALUES (${1000 + index * 100_000 + round}, 0)`);
      }
      await writer.end();
    });
    const copies: { order: string; rows: Map<string, string> }[] = [];
    for (let copy = 0; copy < 8; copy++) {
      await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
      const { rows } = await readRows(snapshot, table, await described(table));
      expect(snapshot.position.lineage).toBe(start.lineage);
      copies.push({ order: snapshot.position.order, rows: new Map(rows.map(([id, n]) => [id!, n!])) });
    }
    stop.abort();
    await Promise.all(writing);
    const events = await readEvents(test.source, start, [table], await test.source.currentPosition(NEVER));
    const final = await test.client.query<{ id: number; n: number }>('SELECT id, n FROM busy');
    const expected = new Map(final.rows.map(({ id, n }) => [String(id), String(n)]));
    for (const { order, rows } of copies) {
      let applies = false;
      for (const event of events) {
        if (event.tag === 'begin') applies = event.order >= order;
        if (event.tag !== 'row' || !applies) continue;
        const [id, n] = event.change.after!;
        const stood = rows.get(id!);
        // Each update adds one: a change that is missing or comes twice shows at once.
        if (event.change.op === 'insert') expect(stood).toBeUndefined();
        else expect(Number(n)).toBe(Number(stood) + 1);
        rows.set(id!, n!);
      }
      expect(rows).toEqual(expected);
    }
    expect(changesOf(events).length).toBeGreaterThan(100);
  });

  it('copies only rows that the WHERE names, and refuses one that cannot stand in parentheses', async () => {
    await test.client.query(
      `CREATE TABLE conditions (id int PRIMARY KEY, t text); INSERT INTO conditions VALUES (1, 'a;b'), (2, 'c'), (3, NULL)`,
    );
    const schema = await described(selection('conditions'));
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    const ids = async (where: string) => {
      const table = selection('conditions', { where });
      await snapshot.planChunks(table, schema, 1e9, NEVER);
      return (await readRows(snapshot, table, schema)).rows.map(([id]) => id);
    };
    expect(await ids(`t = 'a;b' OR id = 3 -- the third`)).toEqual(['1', '3']);
    expect(await ids(`t IS NOT NULL`)).toEqual(['1', '2']);
    for (const wrong of ['1 = 1; DROP TABLE conditions', 'nope = 1', 'id = 1) OR (1 = 1', '', `t = 'x`, 'id']) {
      await expect(ids(wrong), wrong).rejects.toMatchObject({ code: 'PS1001', table: 'public.conditions' });
    }
  });

  it('stops at a value that does not fit, or sets its row aside', async () => {
    await test.client.query(`CREATE TABLE misfits (id int PRIMARY KEY, at date, x double precision, n numeric, k text);
      INSERT INTO misfits VALUES (1, '2024-01-01', 1, 1, '1'), (2, 'infinity', 1, 1, '2'), (3, NULL, 'NaN', 1, 'x'), (4, '2024-01-01', 1, 1e50, NULL), (5, NULL, NULL, NULL, '5')`);
    const table = selection('misfits');
    const schema = await described(table);
    {
      await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
      await expect(readRows(snapshot, table, schema)).rejects.toMatchObject({
        code: 'PS4004',
        table: 'public.misfits',
      });
      await expect(readRows(snapshot, table, schema)).rejects.not.toThrow(/2024|infinity'/);
    }
    await using snapshot = await test.connect({}, 'quarantine').openSnapshot({ tables: [], readers: 2 }, NEVER);
    const plain = await readRows(snapshot, table, schema);
    expect(plain.rows.map(([id]) => id)).toEqual(['1', '5']);
    expect(plain.misfits).toEqual([
      { column: 'at', reason: 'infinity', row: { id: '2', at: 'infinity', x: '1', n: '1', k: '2' } },
      { column: 'x', reason: 'not a number', row: { id: '3', at: null, x: 'NaN', n: '1', k: 'x' } },
      {
        column: 'n',
        reason: 'more than 35 digits before the point',
        row: { id: '4', at: '2024-01-01', x: '1', n: `1${'0'.repeat(50)}`, k: null },
      },
    ]);
    const changed = selection('misfits', { typeChange: { k: '@I', x: '@S' }, mask: ['n'] });
    const converted = await readRows(snapshot, changed, await described(changed));
    expect(converted.rows).toEqual([
      ['1', '2024-01-01', '1', null, '1'],
      ['4', '2024-01-01', '1', null, null],
      ['5', null, null, null, '5'],
    ]);
    expect(converted.counted).toBe(3);
    expect(converted.misfits.map(({ column, reason }) => `${column}: ${reason}`)).toEqual([
      'at: infinity',
      'k: not an integer',
    ]);
  });

  it('finds a table that was rewritten or truncated behind it, which would look empty', async () => {
    await test.client.query(`CREATE TABLE rewritten (id int PRIMARY KEY, n int); INSERT INTO rewritten VALUES (1, 1)`);
    const table = selection('rewritten');
    const schema = await described(table);
    await using first = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    await test.client.query(`ALTER TABLE rewritten ALTER n TYPE int USING n + 1`);
    await test.client.query(
      `ALTER TABLE rewritten ALTER n TYPE text; ALTER TABLE rewritten ALTER n TYPE int USING n::int`,
    );
    await expect(readRows(first, table, schema)).rejects.toMatchObject({ code: 'PS2012', retry: 'timed', table: null });
    {
      await using second = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
      expect((await readRows(second, table, schema)).rows).toEqual([['1', '2']]);
    }
    await using third = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    await test.client.query(`TRUNCATE rewritten`);
    await expect(readRows(third, table, schema)).rejects.toMatchObject({ code: 'PS2012' });
  });

  it('says that the structure is another one than planned', async () => {
    await test.client.query(`CREATE TABLE planned (id int PRIMARY KEY)`);
    const table = selection('planned');
    const schema = await described(table);
    await test.client.query(`ALTER TABLE planned ADD COLUMN extra text`);
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    await expect(readRows(snapshot, table, schema)).rejects.toMatchObject({
      code: 'PS2012',
      retry: 'timed',
      table: null,
    });
  });

  it('does not keep ALTER TABLE waiting once a chunk is read', async () => {
    await test.client.query(`CREATE TABLE unlocked (id int PRIMARY KEY)`);
    const table = selection('unlocked');
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    await readRows(snapshot, table, await described(table));
    await test.client.query(`SET lock_timeout = '5s'; ALTER TABLE unlocked ADD COLUMN n int; RESET lock_timeout`);
  });

  it('can be left in the middle of a chunk, aborted, and read again', async () => {
    const table = selection('ascending');
    const schema = await described(table);
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    const left = await snapshot.readChunk(table, schema, { tag: 'whole' }, NEVER);
    for await (const bytes of left.bytes) if (bytes.length > 0) break;
    const controller = new AbortController();
    const aborted = await snapshot.readChunk(table, schema, { tag: 'whole' }, controller.signal);
    const reading = (async () => {
      for await (const bytes of aborted.bytes) if (bytes.length > 0) controller.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
    expect((await readRows(snapshot, table, schema)).rows.length).toBe(20_000);
  });

  it('keeps its temporary slot only while it is open', async () => {
    const temporary = async () =>
      (await test.client.query(`SELECT FROM pg_replication_slots WHERE temporary AND database = 'snapshots'`)).rowCount;
    const snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    expect(await temporary()).toBe(1);
    await snapshot[Symbol.asyncDispose]();
    while ((await temporary()) !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('hides nothing when the user may not see all rows: the check finds it', async () => {
    await test.client
      .query(`DROP ROLE IF EXISTS partial; CREATE ROLE partial LOGIN REPLICATION PASSWORD 'penstock-test';
      CREATE TABLE guarded (id int PRIMARY KEY, owner text); GRANT SELECT ON guarded TO partial;
      ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON guarded USING (owner = current_user)`);
    const findings = await test.connect({ user: 'partial' }).check([selection('guarded')], NEVER);
    expect(findings.find((finding) => finding.code === 'postgres.row_security')).toMatchObject({ severity: 'error' });
  });
});
