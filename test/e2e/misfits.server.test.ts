import { expect, it } from 'vitest';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** Values that the destination cannot hold: they stop their table or are set aside, the same when copied and when logged. */

const servers = sharedServers('postgres');
const STRUCTURE = `(id integer PRIMARY KEY, day date, at timestamp, zoned timestamptz, amount numeric, ratio double precision, rate real)`;

/** Column → values that do not fit, each with the reason that is given. */
const MISFITS: readonly (readonly [column: string, literal: string, reason: string])[] = [
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
];
const LOGGED = 1000;

it('stops the table that they are in, with column and reason, while the others go on', async () => {
  await using pipeline = await TestPipeline.open({
    ...servers,
    setup: `CREATE TABLE bad ${STRUCTURE}; INSERT INTO bad (id, day) VALUES (1, '2024-01-01'), (2, 'infinity');
      CREATE TABLE good (id integer PRIMARY KEY, name text); INSERT INTO good VALUES (1, 'one')`,
    tables: ['public.bad', 'public.good'],
  });
  const { tables } = await pipeline.fullExtract();
  expect(tables.map(({ table, state }) => [table, state])).toEqual([
    ['public.bad', 'failed'],
    ['public.good', 'copied'],
  ]);
  const [stopped] = tables;
  expect(stopped?.error).toMatchObject({ code: 'PS4004', table: 'public.bad' });
  expect(stopped?.error?.message).toMatch(/public\.bad.*day.*infinity/);
  expect(await pipeline.stateOf('public.bad')).toMatchObject({ tag: 'stopped', code: 'PS4004' });
  await pipeline.write(`UPDATE good SET name = 'two'; DELETE FROM bad WHERE id = 2`);
  expect((await pipeline.delta()).stopped).toEqual(['public.bad']);
  expect(await pipeline.rows('SELECT name FROM good')).toEqual([['two']]);

  await pipeline.copied();
  await pipeline.write(
    `INSERT INTO bad (id, zoned) VALUES (3, '2024-01-01'), (4, '-infinity'), (5, now()); UPDATE good SET name = 'three'`,
  );
  expect((await pipeline.delta()).stopped).toEqual(['public.bad']);
  const state = await pipeline.stateOf('public.bad');
  expect(state).toMatchObject({ tag: 'stopped', code: 'PS4004' });
  expect(state.tag === 'stopped' && state.message).toMatch(/public\.bad.*zoned.*infinity/);
  expect(await pipeline.rows('SELECT id FROM bad')).toEqual([['1']]);
  expect(await pipeline.rows('SELECT name FROM good')).toEqual([['three']]);
  const event = pipeline.events.findLast(({ type }) => type === 'TableStopped');
  expect(event).toMatchObject({ table: 'public.bad', errorCode: 'PS4004' });
  expect(event?.type === 'TableStopped' && event.remedy).toMatch(/quarantine/);
});

it('sets them aside in quarantine, alike by copy, insert and update', async () => {
  const row = ([column, literal]: (typeof MISFITS)[number], id: number) =>
    `INSERT INTO bad (id, ${column}) VALUES (${id}, ${literal})`;
  await using pipeline = await TestPipeline.open({
    ...servers,
    setup: `CREATE TABLE bad ${STRUCTURE}; ${MISFITS.map((misfit, index) => row(misfit, index)).join(';')};
      INSERT INTO bad (id, day) SELECT n, '2024-01-01' FROM generate_series(${2 * LOGGED}, ${2 * LOGGED + MISFITS.length}) n`,
    tables: [{ name: 'public.bad', misfits: 'quarantine' }],
  });
  await pipeline.copied();
  for (const [index, misfit] of MISFITS.entries()) {
    await pipeline.write(row(misfit, LOGGED + index));
    await pipeline.write(`UPDATE bad SET ${misfit[0]} = ${misfit[1]} WHERE id = ${2 * LOGGED + index}`);
  }
  await pipeline.followed();
  const aside = await pipeline.rows('SELECT CAST(raw AS CHAR), col, reason FROM penstock_quarantine');
  const of = (id: number, index: number) => {
    const found = aside.filter(([raw]) => (JSON.parse(raw ?? '{}') as { id?: string }).id === String(id));
    const [column, , reason] = MISFITS[index]!;
    expect(found, `row ${id}`).toHaveLength(1);
    expect(found[0]?.slice(1)).toEqual([column, reason]);
    return (JSON.parse(found[0]?.[0] ?? '{}') as Record<string, string>)[column];
  };
  for (const index of MISFITS.keys()) {
    const copied = of(index, index);
    expect(of(LOGGED + index, index)).toEqual(copied);
    expect(of(2 * LOGGED + index, index)).toEqual(copied);
  }
  expect(await pipeline.rows('SELECT id FROM bad')).toEqual([[String(2 * LOGGED + MISFITS.length)]]);
  const events = pipeline.events.filter((event) => event.type === 'RowsQuarantined');
  expect(events.reduce((rows, event) => rows + event.rows, 0)).toBe(3 * MISFITS.length);
  expect(await pipeline.differences()).toEqual([]);

  await pipeline.write(`UPDATE bad SET day = '2024-02-02', at = NULL, zoned = NULL, amount = 1, ratio = 1, rate = 1`);
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
  expect(await pipeline.rows('SELECT COUNT(*) FROM bad')).toEqual([[String(3 * MISFITS.length + 1)]]);
});

it('refuses a text that is too long for a key, instead of cutting it', async () => {
  await using pipeline = await TestPipeline.open({
    ...servers,
    setup: `CREATE TABLE bad (id text PRIMARY KEY, n integer); INSERT INTO bad VALUES ('short', 1)`,
    tables: ['public.bad'],
  });
  await pipeline.copied();
  await pipeline.write(`INSERT INTO bad VALUES (repeat('long', 600), 2)`);
  expect((await pipeline.delta()).stopped).toEqual(['public.bad']);
  expect(await pipeline.stateOf('public.bad')).toMatchObject({ tag: 'stopped', code: 'PS4004' });
  const { tables } = await pipeline.fullExtract();
  expect(tables[0]?.error).toMatchObject({ code: 'PS4004', table: 'public.bad' });
  expect(await pipeline.rows('SELECT id FROM bad')).toEqual([['short']]);
});
