import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { NEVER, changesOf, readChunk } from '../../../test/contracts/source-connector/reading.ts';
import { postgresTest, readEvents, selection, type PostgresTest } from '../../../test/fixtures/postgres-connector.ts';

describe('extract types without a log', () => {
  let test: PostgresTest;
  beforeAll(async () => {
    test = await postgresTest(inject('postgres'), 'polled', {
      extractType: 'timestamps',
      lagSeconds: 0,
      pollSeconds: 0.05,
    });
    await test.client.query(`
      CREATE TABLE polled (id int PRIMARY KEY, t text, at timestamptz); CREATE INDEX ON polled (at);
      CREATE TABLE counted (id int PRIMARY KEY, version bigint);
      CREATE TABLE keyless (at timestamptz)`);
  });
  afterAll(async () => {
    await test[Symbol.asyncDispose]();
  });
  const polled = selection('polled', { timestampColumn: 'at' });
  const counted = selection('counted', { timestampColumn: 'version' });

  it('timestamps: gives rows whose column grew, as updates, each once', async () => {
    await test.client.query(`INSERT INTO polled VALUES (1, 'before', now()); INSERT INTO counted VALUES (1, 5)`);
    const tables = [polled, counted];
    const start = await test.source.prepare(tables, null, NEVER);
    await test.client.query(`INSERT INTO polled VALUES (2, 'a', now()); INSERT INTO counted VALUES (2, 6)`);
    const first = await readEvents(test.source, start, tables, await test.source.currentPosition(NEVER));
    const rows = (events: typeof first) =>
      changesOf(events).map(({ op, before, after }) => [op, before, after?.slice(0, 2)]);
    expect(rows(first)).toEqual([
      ['update', null, ['2', 'a']],
      ['update', null, ['2', '6']],
    ]);
    expect(
      first
        .map((event) => event.tag)
        .filter((tag) => tag !== 'heartbeat')
        .join(' '),
    ).toBe('begin schema row schema row commit');
    const [schema] = await test.source.describeTables([polled], NEVER);
    expect(changesOf(first)[0]!.schema.fingerprint).toBe(schema!.fingerprint);
    const reached = first.findLast((event) => event.tag === 'commit')!;
    await test.client.query(
      `UPDATE polled SET t = 'b', at = now() WHERE id = 1; UPDATE counted SET version = 7 WHERE id = 1; DELETE FROM polled WHERE id = 2`,
    );
    const second = await readEvents(test.source, reached.position, tables, await test.source.currentPosition(NEVER));
    expect(rows(second)).toEqual([
      ['update', null, ['1', 'b']],
      ['update', null, ['1', '7']],
    ]);
  });

  it('timestamps: a snapshot holds just what polls before it gave', async () => {
    const start = await test.source.prepare([polled], null, NEVER);
    await test.client.query(`INSERT INTO polled VALUES (10, 'x', now())`);
    const events = await readEvents(test.source, start, [polled], await test.source.currentPosition(NEVER));
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    const [schema] = await test.source.describeTables([polled], NEVER);
    const { rows } = await readChunk(snapshot, polled, schema!);
    expect(rows.some(([id]) => id === '10')).toBe(true);
    for (const event of events) if (event.tag === 'begin') expect(event.order < snapshot.position.order).toBe(true);
    expect(snapshot.position.lineage).toBe(start.lineage);
  });

  it('timestamps: rows younger than the lag wait', async () => {
    const patient = test.connect({ extractType: 'timestamps', lagSeconds: 3600, pollSeconds: 0.05 });
    const start = await patient.prepare([polled], null, NEVER);
    await test.client.query(
      `INSERT INTO polled VALUES (20, 'young', now()), (21, 'old', now() - interval '61 minutes')`,
    );
    const events = await readEvents(patient, start, [polled], await patient.currentPosition(NEVER));
    expect(changesOf(events).map((change) => change.after?.[0])).toEqual(['21']);
  });

  it('timestamps: needs a column and a key, and says what it cannot see', async () => {
    await expect(test.source.prepare([selection('polled')], null, NEVER)).rejects.toMatchObject({ code: 'PS1001' });
    await expect(
      test.source.prepare([selection('polled', { timestampColumn: 't' })], null, NEVER),
    ).rejects.toMatchObject({ code: 'PS1001' });
    await expect(
      test.source.prepare([selection('keyless', { timestampColumn: 'at' })], null, NEVER),
    ).rejects.toMatchObject({ code: 'PS2011' });
    const findings = await test.source.check([polled, counted, selection('keyless', { timestampColumn: 'at' })], NEVER);
    const codes = findings.filter(({ severity }) => severity !== 'ok').map(({ code }) => code);
    expect(codes).toEqual(['postgres.deletes', 'postgres.timestamp_index', 'postgres.timestamp_column']);
  });

  it('full extracts: copies, and never has a change', async () => {
    const full = test.connect({ extractType: 'fullExtracts' });
    expect(full.mode).toBe('full');
    const tables = [selection('polled')];
    const start = await full.prepare(tables, null, NEVER);
    const [schema] = await full.describeTables(tables, NEVER);
    await using snapshot = await full.openSnapshot({ tables: [], readers: 2 }, NEVER);
    expect((await readChunk(snapshot, tables[0]!, schema!)).rows.length).toBeGreaterThan(1);
    const controller = new AbortController();
    await using stream = await full.openStream(start, tables, controller.signal);
    const next = stream[Symbol.asyncIterator]().next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    const left = await test.client.query(`SELECT slot_name FROM pg_replication_slots WHERE database = 'polled'`);
    expect(left.rows).toEqual([]);
  });

  it('digests a table with changed types by code, as the other way does', async () => {
    await test.client.query(
      `CREATE TABLE digested (id int PRIMARY KEY, n text, x double precision); INSERT INTO digested SELECT i, i::text, i / 3.0 FROM generate_series(1, 50) i`,
    );
    const asText = selection('digested', { typeChange: { n: '@S' } });
    const asNumber = selection('digested', { typeChange: { n: '@L' } });
    const digestsOf = async (table: typeof asText) => {
      const [schema] = await test.connect({ extractType: 'fullExtracts' }).describeTables([table], NEVER);
      const request = { selection: table, schema: schema!, range: { tag: 'whole' } as const };
      const rows = [];
      for await (const row of test.source.rowDigests(request, NEVER)) rows.push(row);
      return { rows, checksum: await test.source.checksum(request, NEVER) };
    };
    const [bySql, byCode] = [await digestsOf(asText), await digestsOf(asNumber)];
    expect(bySql.rows).toHaveLength(50);
    expect(byCode).toEqual(bySql);
    expect(bySql.rows.map(({ key }) => key[0])).toEqual([...bySql.rows.map(({ key }) => key[0])].sort());
  });
});
