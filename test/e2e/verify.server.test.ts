import { describe, expect, it } from 'vitest';
import { VerificationRecords, type TableProof } from '../../core/catalog/verification-records.ts';
import type { TableVerdict } from '../../core/operations/verification/verdict.ts';
import { verify, type VerifyOptions } from '../../core/operations/verification/verify.ts';
import { Random } from '../fixtures/random.ts';
import { eventually } from '../fixtures/eventually.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { SOURCE_TYPES, testSource } from '../fixtures/test-source.ts';

const SEED = Number(process.env['SEED'] ?? 11);
const ROWS = 3000;
/** The row that is damaged beside a writer. */
const PLANTED = 2999;

function verified(pipeline: TestPipeline, options: Partial<VerifyOptions> = {}): Promise<readonly TableVerdict[]> {
  return pipeline.operate(async (context) => {
    const other = { ...context, host: { ...context.host, owner: 'another process' } };
    return (await verify(other, { tables: null, ...options })).tables;
  });
}

function proofOf(pipeline: TestPipeline, table: string): Promise<TableProof | null> {
  return pipeline.operate(({ host, settings }) =>
    new VerificationRecords(host.items, settings.pipeline).proof(pipeline.idOf(table)),
  );
}

it('in the background, beside run: a fault is told and shown, and nothing is repaired by itself', async () => {
  const setup =
    'CREATE TABLE items (id integer PRIMARY KEY, n integer); INSERT INTO items VALUES (1, 1), (2, 2); CREATE TABLE busy (n integer PRIMARY KEY)';
  await using pipeline = await TestPipeline.open({ ...sharedServers('mysql'), setup, tables: ['items', 'busy'] });
  pipeline.configuration.more = { verify: { continuous: true, share: 100, everyHours: 0.0003 } };
  await pipeline.copied();
  await using following = pipeline.follow();
  const proved = async (verdict: string) =>
    (await pipeline.status()).tables.find(({ table }) => table === pipeline.idOf('items'))?.verification?.verdict ===
    verdict;
  await eventually(() => proved('equal'));
  await pipeline.destination.query('UPDATE items SET n = 100 WHERE id = 2');
  let n = 0;
  // A reader of a busy log says at once how far it has come.
  await eventually(async () => {
    await pipeline.write(`INSERT INTO busy VALUES (${n++})`);
    return proved('different');
  });
  expect(pipeline.events).toContainEqual(
    expect.objectContaining({ type: 'TableDiffers', state: 'raised', differing: 1 }),
  );
  expect(await pipeline.rows('SELECT n FROM items WHERE id = 2')).toEqual([['100']]);
  await following.stop();
});

describe.each(SOURCE_TYPES)('verification of %s', (type) => {
  const kind = testSource(type);
  const setup = [
    `CREATE TABLE items (id integer PRIMARY KEY, name varchar(40), n integer, ratio double precision)`,
    `CREATE TABLE wide (id integer PRIMARY KEY, pad varchar(200), n integer)`,
    `CREATE TABLE prices (id integer PRIMARY KEY, amount numeric(10,2))`,
    `CREATE TABLE loose (name varchar(20), n integer)`,
    ...kind.identifyByWholeRows('loose'),
    `INSERT INTO items SELECT n, concat('item ', n), 0, n / 7.0 FROM ${kind.series(1, ROWS)}`,
    `INSERT INTO wide SELECT n, repeat('x', 150), 0 FROM ${kind.series(1, ROWS)}`,
    `INSERT INTO prices SELECT n, n * 1.5 FROM ${kind.series(1, 60)}`,
    `INSERT INTO loose SELECT 'x', n % 9 FROM ${kind.series(1, 40)}`,
    ...(type === 'postgres' ? ['ANALYZE wide', 'ANALYZE items'] : ['ANALYZE TABLE wide, items']),
  ].join(';');
  const open = async (chunkBytes = 50_000): Promise<TestPipeline> => {
    const pipeline = await TestPipeline.open({
      ...sharedServers(type),
      setup,
      more: { extracts: { chunkBytes } },
    });
    pipeline.configuration.tables = ['items', 'wide', { name: 'prices', transfer: 'history' }, 'loose'];
    await pipeline.copied();
    return pipeline;
  };
  const named = (pipeline: TestPipeline, verdicts: readonly TableVerdict[]) =>
    new Map(verdicts.map((verdict) => [verdict.table.slice(pipeline.idOf('').length), verdict]));

  it('names planted faults by key and column, chunk by chunk, and repairs them', async () => {
    await using pipeline = await open();
    await pipeline.write('UPDATE prices SET amount = 1 WHERE id <= 5');
    await pipeline.followed();
    const healthy = named(pipeline, await verified(pipeline));
    expect([...healthy.values()].map(({ tag }) => tag)).toEqual(['equal', 'equal', 'equal', 'equal']);
    expect(healthy.get('wide')).toMatchObject({ rows: ROWS });
    expect(healthy.get('wide')?.tag === 'equal' && healthy.get('wide')).toMatchObject({ repaired: 0 });
    for (const sql of [
      `UPDATE items SET name = NULL, n = 7 WHERE id = 10`,
      `UPDATE items SET ratio = ratio + 1 WHERE id = 11`,
      `DELETE FROM wide WHERE id IN (5, 2900)`,
      `INSERT INTO wide VALUES (99999, 'extra', 0)`,
      `UPDATE prices SET amount = amount + 1 WHERE id = 3 AND history_end_date LIKE '9999%'`,
      `UPDATE loose SET n = 100 WHERE n = 3 LIMIT 1`,
    ])
      await pipeline.destination.query(sql);
    const found = named(pipeline, await verified(pipeline));
    const differences = (table: string) => {
      const verdict = found.get(table);
      if (verdict?.tag !== 'different') return verdict;
      return verdict.differences.map(({ kind: how, key, columns }) => [how, key.join(), columns.join()]);
    };
    expect(differences('items')).toEqual([
      ['different', '10', 'name,n'],
      ['different', '11', 'ratio'],
    ]);
    expect(differences('wide')).toEqual([
      ['missing at destination', '5', ''],
      ['missing at destination', '2900', ''],
      ['extra at destination', '99999', ''],
    ]);
    expect(differences('prices')).toEqual([['different', '3', 'amount']]);
    expect(found.get('loose')).toMatchObject({ tag: 'different', differing: 2 });
    // Other databases write to the same log, which nobody reads here: then the differences may be on their way, and prove nothing.
    const isSure = (table: string) => {
      const verdict = found.get(table);
      return verdict?.tag === 'different' && verdict.inFlight === 'none';
    };
    const before = await proofOf(pipeline, 'wide');
    if (isSure('wide')) expect(before).toMatchObject({ verdict: 'different', differing: 3, differsSince: before?.at });
    else expect(before).toMatchObject({ verdict: 'equal', differsSince: null });
    const raised = pipeline.events.filter((event) => event.type === 'TableDiffers' && event.state === 'raised');
    expect(raised).toHaveLength([...found.keys()].filter(isSure).length);
    const mended = named(pipeline, await verified(pipeline, { repair: true }));
    expect(mended.get('items')).toMatchObject({ tag: 'equal', repaired: 2 });
    expect(mended.get('wide')).toMatchObject({ tag: 'equal', repaired: 3 });
    expect(mended.get('prices')).toMatchObject({ tag: 'equal', repaired: 1 });
    expect(mended.get('loose'), 'without a key no row can be found').toMatchObject({ tag: 'different' });
    expect(await proofOf(pipeline, 'wide')).toMatchObject({ verdict: 'equal', differsSince: null });
  });

  it('finds versions of a history that overlap', async () => {
    await using pipeline = await open();
    await pipeline.write('UPDATE prices SET amount = 1 WHERE id <= 5');
    await pipeline.followed();
    await pipeline.destination.query(
      `UPDATE prices SET history_end_date = '2999-01-01' WHERE id = 2 AND history_end_date NOT LIKE '9999%'`,
    );
    const verdicts = named(pipeline, await verified(pipeline, { tables: [pipeline.idOf('prices')] }));
    expect(verdicts.get('prices')).toMatchObject({ tag: 'different', overlaps: 1, differing: 0 });
  });

  it('goes on with the next chunk after it was interrupted', async () => {
    await using pipeline = await open();
    let chunks = 0;
    const tables = [pipeline.idOf('wide'), pipeline.idOf('prices')];
    const first = await pipeline.operate((context) =>
      verify({ ...context, progress: () => chunks++ }, { tables, isEnough: () => chunks >= 3 }),
    );
    expect(first).toMatchObject({ more: true, tables: [], equal: false });
    let after = 0;
    const second = await pipeline.operate((context) =>
      verify({ ...context, progress: ({ tag }) => (after += tag === 'verify' ? 1 : 0) }, { tables }),
    );
    expect(second).toMatchObject({ more: false, equal: true });
    const [wide] = second.tables;
    expect(wide).toMatchObject({ tag: 'equal', rows: ROWS, chunks: 3 + after - 1 });
    const whole = await verified(pipeline, { tables });
    expect(whole[0]).toMatchObject({ checksum: wide?.tag === 'equal' ? wide.checksum : '' });
  });

  it('says what may only be on its way where nobody reads the log, and what cannot be compared', async () => {
    await using pipeline = await open();
    await pipeline.write('UPDATE items SET n = 5 WHERE id = 1');
    const [verdict] = await verified(pipeline, { tables: [pipeline.idOf('items')] });
    expect(verdict).toMatchObject({ tag: 'different', differing: 1, inFlight: 'possible' });
    expect(await proofOf(pipeline, 'items')).toBeNull();
    await pipeline.write('ALTER TABLE items ADD COLUMN added integer');
    const [altered] = await verified(pipeline, { tables: [pipeline.idOf('items')] });
    expect(altered).toMatchObject({ tag: 'notComparable' });
    expect(await pipeline.failure(verified(pipeline, { tables: ['no.where'] }))).toMatchObject({ code: 'PS1005' });
  });

  it(`beside run and a writer at full speed: no false alarm, and a planted fault is found (seed ${SEED})`, async () => {
    await using pipeline = await open(300_000);
    await using following = pipeline.follow();
    const random = new Random(SEED);
    const writing = new AbortController();
    await using writer = { client: await pipeline.connectSource(), [Symbol.asyncDispose]: () => writer.client.end() };
    const work = (async () => {
      while (!writing.signal.aborted) {
        // But for the row that is to be damaged.
        const id = 1 + random.below(PLANTED - 1);
        const hot = 1 + random.below(5);
        await writer.client.run(`UPDATE items SET n = n + 1, ratio = ratio + 0.1 WHERE id IN (${id}, ${hot})`);
        await writer.client.run(`UPDATE wide SET n = n + 1 WHERE id = ${id}`);
        if (random.below(4) === 0) {
          await writer.client.run(`DELETE FROM wide WHERE id = ${id}`);
          await writer.client.run(`INSERT INTO wide VALUES (${id}, 'back', 0)`);
        }
        await writer.client.run(`UPDATE prices SET amount = amount + 1 WHERE id = ${1 + (id % 60)}`);
        await writer.client.run(`INSERT INTO loose VALUES ('new', ${id})`);
      }
    })();
    work.catch(() => undefined);
    // Where run cannot keep up with the writer, the verdict says so: what differs may be on its way, and alarms nobody.
    const alarms = (verdicts: readonly TableVerdict[]) =>
      verdicts.filter((verdict) => verdict.tag === 'different' && verdict.inFlight === 'none');
    expect(alarms(await verified(pipeline))).toEqual([]);
    expect(pipeline.events.filter(({ type }) => type === 'TableDiffers')).toEqual([]);
    await pipeline.destination.query(`UPDATE wide SET pad = 'damaged' WHERE id = ${PLANTED}`);
    const found = named(pipeline, await verified(pipeline, { tables: [pipeline.idOf('wide')] }));
    const wide = found.get('wide');
    if (wide?.tag !== 'different') throw new Error(`the damaged row was not found: ${wide?.tag ?? 'no verdict'}`);
    const planted = { kind: 'different', key: [String(PLANTED)], columns: ['pad'] };
    if (wide.inFlight === 'none') expect(wide.differences).toEqual([planted]);
    else expect(wide.isMore || wide.differences.some(({ key }) => key[0] === String(PLANTED))).toBe(true);
    writing.abort();
    await work;
    // Its last row: then there is nothing on its way any more.
    await pipeline.write(`INSERT INTO loose VALUES ('last', 0)`);
    await eventually(async () => (await pipeline.rows(`SELECT n FROM loose WHERE name = 'last'`)).length === 1);
    const ended = await verified(pipeline, { repair: true });
    expect(ended.filter(({ tag }) => tag === 'different')).toEqual([]);
    await following.stop();
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });
});
