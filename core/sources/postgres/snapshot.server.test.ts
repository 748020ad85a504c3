import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from '../../../test/fixtures/eventually.ts';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import { rangeHolds } from '../../changes/copy-mark.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Snapshot, TableSelection } from '../source-connector.ts';
import { NEVER, readChunk } from '../../../test/contracts/source-connector/reading.ts';
import { postgresTest, selection, type PostgresTest } from '../../../test/fixtures/postgres-connector.ts';

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
    const chunks = await Promise.all(ranges.map((range) => readChunk(snapshot, table, schema, range)));
    for (const chunk of chunks) expect(chunk.counted).toBe(chunk.rows.length);
    return chunks.flatMap((chunk) => chunk.rows);
  }

  const PLANNED: readonly { readonly name: string; readonly sql: string; readonly tag: ChunkRange['tag'] }[] = [
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
  ];

  it.each(PLANNED)('cuts $name into chunks that hold every row once', async ({ name, sql, tag }) => {
    await test.client.query(sql);
    await test.client.query(`ANALYZE ${name}`);
    const table = selection(name);
    const schema = await described(table);
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    const ranges = await snapshot.planChunks(table, schema, 200_000, NEVER);
    expect(new Set(ranges.map((range) => range.tag))).toEqual(new Set([tag]));
    expect(ranges.length).toBeGreaterThan(4);
    const rows = await readAll(snapshot, table, ranges);
    const direct = await test.client.query<{ count: string }>(`SELECT count(*) FROM ${name}`);
    expect(rows.length).toBe(Number(direct.rows[0]!.count));
    const whole = await readAll(snapshot, table, [{ tag: 'whole' }]);
    expect(rows.map((row) => row.join('\t')).sort()).toEqual(whole.map((row) => row.join('\t')).sort());
    for (const range of ranges) {
      if (range.tag !== 'key') continue;
      const ordinal = schema.columns.findIndex((column) => column.name === range.column);
      const chunk = await readChunk(snapshot, table, schema, range);
      // The ranges of code and of SQL agree; none of them holds more than three times its share.
      expect(chunk.rows.every((row) => rangeHolds(range, row[ordinal]!))).toBe(true);
      expect(chunk.rows.length).toBeLessThan((3 * rows.length) / ranges.length);
    }
  });

  it('stops at a value that does not fit, or sets its row aside', async () => {
    await test.client.query(`CREATE TABLE misfits (id int PRIMARY KEY, at date, x double precision, n numeric, k text);
      INSERT INTO misfits VALUES (1, '2024-01-01', 1, 1, '1'), (2, 'infinity', 1, 1, '2'), (3, NULL, 'NaN', 1, 'x'), (4, '2024-01-01', 1, 1e50, NULL), (5, NULL, NULL, NULL, '5')`);
    const table = selection('misfits');
    const schema = await described(table);
    {
      await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
      await expect(readChunk(snapshot, table, schema)).rejects.toMatchObject({
        code: 'PS4004',
        table: 'public.misfits',
      });
      await expect(readChunk(snapshot, table, schema)).rejects.not.toThrow(/2024|infinity'/);
    }
    await using snapshot = await test.connect({}, 'quarantine').openSnapshot({ tables: [], readers: 2 }, NEVER);
    const plain = await readChunk(snapshot, table, schema);
    expect(plain.rows.map(([id]) => id)).toEqual(['1', '5']);
    expect(plain.misfits).toEqual([
      { column: 'at', reason: 'infinity', key: ['2'], row: { id: '2', at: 'infinity', x: '1', n: '1', k: '2' } },
      { column: 'x', reason: 'not a number', key: ['3'], row: { id: '3', at: null, x: 'NaN', n: '1', k: 'x' } },
      {
        column: 'n',
        reason: 'more than 35 digits before the point',
        key: ['4'],
        row: { id: '4', at: '2024-01-01', x: '1', n: `1${'0'.repeat(50)}`, k: null },
      },
    ]);
    const changed = selection('misfits', { typeChange: { k: '@I', x: '@S' }, mask: ['n'] });
    const converted = await readChunk(snapshot, changed, await described(changed));
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
    await expect(readChunk(first, table, schema)).rejects.toMatchObject({
      code: 'PS2012',
      retry: 'timed',
      table: null,
    });
    {
      await using second = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
      expect((await readChunk(second, table, schema)).rows).toEqual([['1', '2']]);
    }
    await using third = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    await test.client.query(`TRUNCATE rewritten`);
    await expect(readChunk(third, table, schema)).rejects.toMatchObject({ code: 'PS2012' });
  });

  it('does not keep ALTER TABLE waiting once a chunk is read', async () => {
    await test.client.query(`CREATE TABLE unlocked (id int PRIMARY KEY)`);
    const table = selection('unlocked');
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    await readChunk(snapshot, table, await described(table));
    await test.client.query(`SET lock_timeout = '60s'; ALTER TABLE unlocked ADD COLUMN n int; RESET lock_timeout`);
  });

  it('keeps its temporary slot only while it is open', async () => {
    const temporary = async () =>
      (await test.client.query(`SELECT FROM pg_replication_slots WHERE temporary AND database = 'snapshots'`)).rowCount;
    const snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    expect(await temporary()).toBe(1);
    await snapshot[Symbol.asyncDispose]();
    await eventually(async () => (await temporary()) === 0);
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
