import { describe, expect, it } from 'vitest';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { testSource, type SourceType } from '../fixtures/test-source.ts';

/** Values that the destination cannot hold: they stop their table or are set aside, the same when copied and when logged. */

interface Misfits {
  readonly type: SourceType;
  /** Before everything, for the test's own session. */
  readonly session: string;
  readonly columns: string;
  /** Column → values that do not fit, each with the reason that is given. */
  readonly values: readonly (readonly [column: string, literal: string, reason: string])[];
  /** Assignments after which every row fits. */
  readonly mend: string;
  /** A key's type that is wider than a key at the destination can be, and a value of it. */
  readonly longKey: readonly [type: string, literal: string];
}

const SOURCES: readonly Misfits[] = [
  {
    type: 'postgres',
    session: 'SELECT 1',
    columns: 'day date, at timestamp, zoned timestamptz, amount numeric, ratio double precision, rate real',
    values: [
      ['day', `'infinity'`, 'infinity'],
      ['day', `'0999-12-31'`, 'before 1000-01-01'],
      ['day', `'0044-03-15 BC'`, 'before 1000-01-01'],
      ['day', `'10000-01-01'`, 'after 9999-12-31'],
      ['at', `'-infinity'`, 'infinity'],
      ['at', `'0044-03-15 10:00 BC'`, 'before 1000-01-01'],
      ['zoned', `'10000-01-01 00:00+00'`, 'after 9999-12-31'],
      ['zoned', `'infinity'`, 'infinity'],
      ['amount', `'NaN'`, 'not a number'],
      ['amount', `'1e35'`, 'more than 35 digits before the point'],
      ['amount', `'1e-31'`, 'more than 30 digits after the point'],
      ['amount', `'Infinity'`, 'infinity'],
      ['ratio', `'NaN'`, 'not a number'],
      ['rate', `'-Infinity'`, 'infinity'],
    ],
    mend: `day = '2024-02-02', at = NULL, zoned = NULL, amount = 1, ratio = 1, rate = 1`,
    longKey: ['text', `repeat('long', 600)`],
  },
  {
    type: 'mysql',
    session: `SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ALLOW_INVALID_DATES'`,
    columns: 'day DATE, at DATETIME(3), zoned TIMESTAMP NULL',
    values: [
      ['day', `'0000-00-00'`, 'zero date'],
      ['day', `'2024-00-10'`, 'zero date'],
      ['day', `'2024-02-00'`, 'zero date'],
      ['day', `'0044-03-15'`, 'before 1000-01-01'],
      ['day', `'2024-02-31'`, 'a day that does not exist'],
      ['at', `'0000-00-00 00:00:00'`, 'zero date'],
      ['at', `'0999-12-31 23:59:59.999'`, 'before 1000-01-01'],
      ['at', `'2023-02-29 10:00:00'`, 'a day that does not exist'],
      ['zoned', `'0000-00-00 00:00:00'`, 'zero date'],
    ],
    mend: `day = '2024-02-02', at = NULL, zoned = NULL`,
    longKey: ['VARCHAR(768)', `REPEAT('long', 192)`],
  },
];
const LOGGED = 1000;

describe.each(SOURCES)('$type', ({ type, session, columns, values, mend, longKey }) => {
  const servers = sharedServers(type);
  const structure = `(id integer PRIMARY KEY, ${columns})`;
  const row = ([column, literal]: (typeof values)[number], id: number) =>
    `INSERT INTO bad (id, ${column}) VALUES (${id}, ${literal})`;
  const [first, last] = [values[0]!, values.at(-1)!];

  it('stops the table that they are in, with column and reason, while the others go on', async () => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: `${session}; CREATE TABLE bad ${structure}; INSERT INTO bad (id, day) VALUES (1, '2024-01-01'); ${row(first, 2)};
        CREATE TABLE good (id integer PRIMARY KEY, name text); INSERT INTO good VALUES (1, 'one')`,
      tables: ['bad', 'good'],
    });
    const [bad, good] = [pipeline.idOf('bad'), pipeline.idOf('good')];
    const { tables } = await pipeline.fullExtract();
    expect(tables.map(({ table, state }) => [table, state])).toEqual([
      [bad, 'failed'],
      [good, 'copied'],
    ]);
    const [stopped] = tables;
    expect(stopped?.error).toMatchObject({ code: 'PS4004', table: bad });
    const said = ([column, , reason]: (typeof values)[number]) => new RegExp(`${bad}.*${column}.*${reason}`);
    expect(stopped?.error?.message).toMatch(said(first));
    expect(await pipeline.stateOf('bad')).toMatchObject({ tag: 'stopped', code: 'PS4004' });
    await pipeline.write(`UPDATE good SET name = 'two'; DELETE FROM bad WHERE id = 2`);
    expect((await pipeline.delta()).stopped).toEqual([bad]);
    expect(await pipeline.rows('SELECT name FROM good')).toEqual([['two']]);

    await pipeline.copied();
    await pipeline.write(
      `INSERT INTO bad (id, zoned) VALUES (3, '2024-01-01'); ${row(last, 4)}; INSERT INTO bad (id) VALUES (5); UPDATE good SET name = 'three'`,
    );
    expect((await pipeline.delta()).stopped).toEqual([bad]);
    const state = await pipeline.stateOf('bad');
    expect(state).toMatchObject({ tag: 'stopped', code: 'PS4004' });
    expect(state.tag === 'stopped' && state.message).toMatch(said(last));
    expect(await pipeline.rows('SELECT id FROM bad')).toEqual([['1']]);
    expect(await pipeline.rows('SELECT name FROM good')).toEqual([['three']]);
    const event = pipeline.events.findLast(({ type: kind }) => kind === 'TableStopped');
    expect(event).toMatchObject({ table: bad, errorCode: 'PS4004' });
    expect(event?.type === 'TableStopped' && event.remedy).toMatch(/quarantine/);
  });

  it('sets them aside in quarantine, alike by copy, insert and update', async () => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: `${session}; CREATE TABLE bad ${structure}; ${values.map((misfit, index) => row(misfit, index)).join(';')};
        INSERT INTO bad (id, day) SELECT n, '2024-01-01' FROM ${testSource(type).series(2 * LOGGED, 2 * LOGGED + values.length)}`,
      tables: [{ name: 'bad', misfits: 'quarantine' }],
    });
    await pipeline.copied();
    for (const [index, misfit] of values.entries()) {
      await pipeline.write(row(misfit, LOGGED + index));
      await pipeline.write(`UPDATE bad SET ${misfit[0]} = ${misfit[1]} WHERE id = ${2 * LOGGED + index}`);
    }
    await pipeline.followed();
    const aside = await pipeline.rows('SELECT CAST(raw AS CHAR), col, reason FROM penstock_quarantine');
    const of = (id: number, index: number) => {
      const found = aside.filter(([raw]) => (JSON.parse(raw ?? '{}') as { id?: string }).id === String(id));
      const [column, , reason] = values[index]!;
      expect(found, `row ${id}`).toHaveLength(1);
      expect(found[0]?.slice(1)).toEqual([column, reason]);
      return (JSON.parse(found[0]?.[0] ?? '{}') as Record<string, string>)[column];
    };
    for (const index of values.keys()) {
      const copied = of(index, index);
      expect(of(LOGGED + index, index)).toEqual(copied);
      expect(of(2 * LOGGED + index, index)).toEqual(copied);
    }
    expect(await pipeline.rows('SELECT id FROM bad')).toEqual([[String(2 * LOGGED + values.length)]]);
    const events = pipeline.events.filter((event) => event.type === 'RowsQuarantined');
    expect(events.reduce((rows, event) => rows + event.rows, 0)).toBe(3 * values.length);
    expect(await pipeline.differences()).toEqual([]);

    await pipeline.write(`UPDATE bad SET ${mend}`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await pipeline.rows('SELECT COUNT(*) FROM bad')).toEqual([[String(3 * values.length + 1)]]);
  });

  it('refuses a text that is too long for a key, instead of cutting it', async () => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: `CREATE TABLE bad (id ${longKey[0]} PRIMARY KEY, n integer); INSERT INTO bad VALUES ('short', 1)`,
      tables: ['bad'],
    });
    await pipeline.copied();
    await pipeline.write(`INSERT INTO bad VALUES (${longKey[1]}, 2)`);
    expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('bad')]);
    expect(await pipeline.stateOf('bad')).toMatchObject({ tag: 'stopped', code: 'PS4004' });
    const { tables } = await pipeline.fullExtract();
    expect(tables[0]?.error).toMatchObject({ code: 'PS4004', table: pipeline.idOf('bad') });
    expect(await pipeline.rows('SELECT id FROM bad')).toEqual([['short']]);
  });
});
