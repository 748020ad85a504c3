import { describe, expect, it } from 'vitest';
import {
  dropQuarantine,
  listQuarantine,
  quarantineMark,
  retryQuarantine,
  type QuarantineListing,
  type RetriedTable,
} from '../../core/operations/quarantine.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { SOURCE_TYPES, testSource } from '../fixtures/test-source.ts';

/** Rows that were set aside are listed, fetched again and loaded where they fit by now, or dropped. */

describe.each(SOURCE_TYPES)('the quarantine of %s', (type) => {
  const kind = testSource(type);
  // The days of MySQL end with 9999 and PostgreSQL's begin much earlier: one that both have and the destination has not.
  const unfit = `'0044-03-15'`;
  const setup = [
    'CREATE TABLE items (id integer PRIMARY KEY, day date, n integer)',
    'CREATE TABLE loose (day date, n integer)',
    ...kind.identifyByWholeRows('loose'),
    `INSERT INTO items VALUES (1, '2024-01-01', 1), (2, ${unfit}, 2), (3, ${unfit}, 3), (4, '2024-01-04', 4)`,
    `INSERT INTO loose VALUES ('2024-01-01', 1), (${unfit}, 2), (${unfit}, 2)`,
  ].join(';');

  async function open(transfer: 'mirror' | 'history' = 'mirror'): Promise<TestPipeline> {
    const pipeline = await TestPipeline.open({ ...sharedServers(type), setup, more: { misfits: 'quarantine' } });
    pipeline.configuration.tables = [{ name: 'items', transfer }, 'loose'];
    await pipeline.copied();
    return pipeline;
  }

  const list = (pipeline: TestPipeline, limit = 100, before: string | null = null): Promise<QuarantineListing> =>
    pipeline.operate((context) =>
      listQuarantine(context, { tables: null, limit, before: before === null ? null : quarantineMark(before) }),
    );
  const retry = (pipeline: TestPipeline): Promise<RetriedTable[]> =>
    pipeline.operate((context) => retryQuarantine(context, [pipeline.idOf('items')]));

  it('is listed page by page, each row once, with what it is fetched by', async () => {
    await using pipeline = await open();
    await pipeline.write(`INSERT INTO items VALUES (5, ${unfit}, 5); UPDATE items SET n = 22 WHERE id = 2`);
    await pipeline.followed();
    const whole = await list(pipeline);
    expect(whole.tables).toEqual([
      { table: pipeline.idOf('items'), rows: 4 },
      { table: pipeline.idOf('loose'), rows: 2 },
    ]);
    expect(whole.next).toBeNull();
    expect(whole.entries.map(({ key }) => key?.[0] ?? '-').sort()).toEqual(['-', '-', '2', '2', '3', '5']);
    expect(whole.entries).toContainEqual(
      expect.objectContaining({ column: 'day', reason: 'before 1000-01-01', key: ['5'] }),
    );
    const paged: string[] = [];
    for (let before: string | null = null, pages = 0; pages < 9; pages++) {
      const page: QuarantineListing = await list(pipeline, 4, before);
      paged.push(...page.entries.map(({ id }) => id));
      before = page.next;
      if (before === null) break;
    }
    expect(paged).toEqual(whole.entries.map(({ id }) => id));
    expect(new Set(paged).size).toBe(6);
  });

  it.each(['mirror', 'history'] as const)(
    'rows that fit by now are loaded, the others stay with what is wrong (%s)',
    async (transfer) => {
      await using pipeline = await open(transfer);
      await pipeline.write(
        `INSERT INTO items VALUES (5, ${unfit}, 5), (6, ${unfit}, 6); UPDATE items SET n = 22 WHERE id = 2; UPDATE items SET day = ${unfit} WHERE id = 4`,
      );
      await pipeline.followed();
      expect((await retry(pipeline))[0]).toMatchObject({ rows: 6, unfit: 5 });
      const before = await list(pipeline);
      expect(before.entries.flatMap(({ key }) => key?.[0] ?? []).sort()).toEqual(['2', '3', '4', '5', '6']);
      // One is mended without a change that the log has: as the source's owner would by a session that is not logged.
      await pipeline.write(`UPDATE items SET day = '2024-02-02' WHERE id IN (2, 3, 4); DELETE FROM items WHERE id = 5`);
      const [items] = await retry(pipeline);
      expect(items).toMatchObject({ rows: 5, unfit: 1, reason: null });
      expect((await list(pipeline)).entries.flatMap(({ key }) => key?.[0] ?? [])).toEqual(['6']);
      await pipeline.followed();
      const current = transfer === 'history' ? ` WHERE history_end_date > '9999-01-01'` : '';
      expect(await pipeline.rows(`SELECT id, n FROM items${current} ORDER BY id`)).toEqual([
        ['1', '1'],
        ['2', '22'],
        ['3', '3'],
        ['4', '4'],
      ]);
      expect(await pipeline.differences()).toEqual([]);
      await pipeline.write(`UPDATE items SET day = '2024-06-06' WHERE id = 6`);
      expect((await retry(pipeline))[0]).toMatchObject({ rows: 1, settled: 1, unfit: 0 });
      expect(await retry(pipeline)).toEqual([]);
      expect(await pipeline.differences()).toEqual([]);
    },
  );

  it('names rows that cannot be fetched, and a table that is stopped; dropped rows are gone', async () => {
    await using pipeline = await open();
    const all = await pipeline.operate((context) => retryQuarantine(context, null));
    expect(all.find(({ table }) => table === pipeline.idOf('loose'))).toMatchObject({
      ...{ rows: 2, settled: 0, reason: '2 without a key by which they could be fetched' },
    });
    await pipeline.write(`ALTER TABLE items DROP COLUMN n; UPDATE items SET day = '2024-03-03' WHERE id = 1`);
    expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('items')]);
    expect((await retry(pipeline))[0]).toMatchObject({
      settled: 0,
      reason: expect.stringContaining('is stopped') as string,
    });
    const loose = [pipeline.idOf('loose')];
    expect(await pipeline.operate((context) => dropQuarantine(context, loose))).toBe(2);
    expect((await list(pipeline)).tables).toEqual([{ table: pipeline.idOf('items'), rows: 2 }]);
    const unknown = pipeline.operate((context) => dropQuarantine(context, ['a.b']));
    expect(await pipeline.failure(unknown)).toMatchObject({ code: 'PS1005' });
    expect(await pipeline.operate((context) => dropQuarantine(context, null))).toBe(2);
    expect(await pipeline.operate((context) => dropQuarantine(context, null))).toBe(0);
  });
});
