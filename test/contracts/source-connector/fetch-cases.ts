import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceEvent } from '../../../core/changes/change.ts';
import { decodeLine } from '../../../core/extracts/row-encoding.ts';
import type {
  FetchedRows,
  MisfitRow,
  SourceConnector,
  TableSelection,
} from '../../../core/sources/source-connector.ts';
import { Bench, failure, tellsNet, type Contract } from './contract.ts';
import { patience } from '../../fixtures/eventually.ts';
import { NEVER, changesOf, copyTable, describeOne, readLog, select } from './reading.ts';

interface Fetched {
  readonly rows: (string | null)[][];
  readonly misfits: readonly MisfitRow[];
  readonly takenAt: string;
}

export async function linesOf(fetched: FetchedRows): Promise<Fetched> {
  const buffers: Buffer[] = [];
  for await (const bytes of fetched.bytes) buffers.push(Buffer.from(bytes));
  const text = Buffer.concat(buffers).toString('utf8');
  const rows = text === '' ? [] : text.slice(0, -1).split('\n').map(decodeLine);
  const summary = fetched.summary();
  expect(summary.rows).toBe(rows.length);
  return { rows, misfits: summary.misfits, takenAt: summary.takenAt };
}

async function fetched(
  source: SourceConnector,
  selection: TableSelection,
  keys: readonly (readonly string[])[],
): Promise<Fetched> {
  const schema = await describeOne(source, selection);
  return linesOf(source.fetchRows({ selection, schema, keys }, patience('fetched rows')));
}

/** Rows of given keys: the same bytes as a copy of them, and as new as the log. */
export function fetchCases(contract: Contract): void {
  describe('fetched rows', () => {
    let bench: Bench;
    const { cannot } = contract.source;
    beforeAll(async () => {
      bench = await Bench.open(contract.shared(), 'fetch');
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    it.each([
      ['INTEGER', ['1', '-2147483648', '2147483647'], ['9', '99999999999', 'x']],
      ['BIGINT', ['9223372036854775807', '-9223372036854775808', '0'], ['9223372036854775808', '-1']],
      ['DECIMAL(10,2)', ['1.50', '-0.01', '12345678.00'], ['1.51', 'x']],
      // A collation may call some of them equal that are not.
      ['VARCHAR(20)', ['a', 'ö\\ x', "it's", ''], ['b', 'a ', 'A', 'ä']],
      ['CHAR(4)', ['ab', 'c'], ['abc', '', 'AB']],
      ['DATE', ['2024-02-29', '1000-01-01', '9999-12-31'], ['2024-02-28', '2023-02-30', '0000-00-00', 'x']],
      ['TIME', ['00:00:00', '23:59:59'], ['12:00:00', 'x']],
      ['DOUBLE PRECISION', ['0.1', '-1e300', '0'], ['0.2', '1e-300']],
    ])('a key of type %s', async (type, all, others) => {
      const barred = contract.dialect.noKeys?.[type];
      const values = all.filter((value) => barred?.values?.includes(value) !== true);
      const name = `k${type.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`;
      if (barred !== undefined && barred.values === undefined) {
        const create = bench.run(`CREATE TABLE ${name} (k ${type} NOT NULL, PRIMARY KEY (k))`);
        const refused = create.then(() => describeOne(bench.source, select(bench.database, name)));
        expect(await failure(refused), barred.reason).toBeInstanceOf(Error);
        return;
      }
      await bench.run(
        `CREATE TABLE ${name} (k ${type} NOT NULL, g VARCHAR(10) NOT NULL, n INTEGER, PRIMARY KEY (g, k))`,
        ...contract.dialect.wholeOldRows(name),
        ...values.flatMap((value, index) => {
          const text = /^-?\d/.test(value) && !/DATE|TIME/.test(type) ? value : contract.dialect.literal(value);
          return ['g', 'h'].map((group) => `INSERT INTO ${name} (k, g, n) VALUES (${text}, '${group}', ${index})`);
        }),
      );
      for (const key of [['k'], ['g', 'k'], ['k', 'g']]) {
        const table = select(bench.database, name, { key });
        if (key.length === 1 && cannot.chosenKey !== undefined) {
          expect(await failure(copyTable(bench.source, table)), cannot.chosenKey).toMatchObject({ code: 'PS2011' });
          continue;
        }
        const { rows } = await copyTable(bench.source, table);
        const wanted = rows.filter(([, group]) => group === 'g' || key.length === 1);
        const keyOf = (row: readonly (string | null)[]): string[] =>
          key.map((column) => row[column === 'k' ? 0 : 1] ?? '');
        const absent = others.map((other) => key.map((column) => (column === 'k' ? other : 'g')));
        const found = await fetched(bench.source, table, [...wanted.map(keyOf), ...absent]);
        expect(found.rows.sort(), key.join()).toEqual(wanted.sort());
        expect((await fetched(bench.source, table, absent)).rows, key.join()).toEqual([]);
        expect((await fetched(bench.source, table, [])).rows).toEqual([]);
        expect((await fetched(bench.source, table, [keyOf(wanted[0]!)])).rows.length).toBe(key.length === 1 ? 2 : 1);
      }
    });

    it('key, mask and typeChange hold, a WHERE does not, and what does not fit is told whatever the policy', async () => {
      await bench.run(
        `CREATE TABLE chosen (id INTEGER NOT NULL, code CHAR(8) NOT NULL, secret VARCHAR(40), amount VARCHAR(20), ${cannot.chosenKey === undefined ? 'PRIMARY KEY (id), UNIQUE (code)' : 'PRIMARY KEY (code)'})`,
        ...contract.dialect.wholeOldRows('chosen'),
        `INSERT INTO chosen VALUES (1, '20240131', 's3cret', '+007'), (2, '20240201', 's3cret', '1.5'), (3, '20240202', 's3cret', '8')`,
      );
      const choices = { key: ['code'], mask: ['secret'], typeChange: { code: '@D(yyyyMMdd)', amount: '@L' } };
      const table = select(bench.database, 'chosen', { ...choices, where: 'id > 100' });
      const found = await fetched(bench.source, table, [['2024-01-31'], ['2024-02-01'], ['2024-03-01']]);
      expect(found.rows).toEqual([['1', '2024-01-31', null, '7']]);
      expect(found.misfits).toMatchObject([{ column: 'amount', row: { amount: '1.5' }, key: ['2024-02-01'] }]);
      expect(JSON.stringify(found)).not.toContain('s3cret');
      expect(found.takenAt).toMatch(/^\d{4}-.*Z$/);
    });

    it('another structure than the one that is asked for is refused', async () => {
      await bench.run('CREATE TABLE altered (id INTEGER NOT NULL, PRIMARY KEY (id))');
      const selection = select(bench.database, 'altered');
      const schema = await describeOne(bench.source, selection);
      const { followColumns } = contract.dialect;
      await bench.run('ALTER TABLE altered ADD COLUMN n INTEGER', ...(followColumns?.('altered') ?? []));
      const reading = linesOf(bench.source.fetchRows({ selection, schema, keys: [['1']] }, NEVER));
      expect(await failure(reading)).toMatchObject({
        code: 'PS5002',
        table: expect.stringContaining('altered') as string,
      });
    });

    it('they hold everything that stands in the log when they are asked for, while others write', async () => {
      await bench.run(
        'CREATE TABLE counters (id INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (id))',
        ...contract.dialect.wholeOldRows('counters'),
        'INSERT INTO counters VALUES (1, 0), (2, 0), (3, 0)',
      );
      const table = select(bench.database, 'counters');
      const start = await bench.prepareAnew([table]);
      const writing = new AbortController();
      const writers = [1, 2, 3].map(async (id) => {
        await using session = await bench.database.session();
        while (!writing.signal.aborted) await session.run(`UPDATE counters SET n = n + 1 WHERE id = ${id}`);
      });
      const events: SourceEvent[] = [];
      let reached = start;
      const readOn = async () => {
        const read = await readLog(bench.source, reached, [table], await bench.source.currentPosition(NEVER));
        events.push(...read.events);
        reached = read.reached;
      };
      const looks: { readonly order: string; readonly seen: ReadonlyMap<string, number> }[] = [];
      for (let look = 0; look < 15; look++) {
        const { order } = await bench.source.currentPosition(NEVER);
        const { rows } = await fetched(bench.source, table, [['1'], ['2'], ['3']]);
        looks.push({ order, seen: new Map(rows.map(([id, n]) => [id ?? '', Number(n)])) });
        if (tellsNet(contract)) await readOn();
      }
      writing.abort();
      await Promise.all(writers);
      await readOn();
      const logged = new Map<string, number>();
      const faults: string[] = [];
      let begun = '';
      for (const event of events) {
        if (event.tag === 'begin') begun = event.order;
        if (event.tag !== 'row') continue;
        const [id, n] = event.change.after ?? [];
        logged.set(id ?? '', Number(n));
        for (const { order, seen } of looks)
          if (begun < order && (seen.get(id ?? '') ?? -1) < Number(n)) faults.push(`${begun} < ${order}: ${String(n)}`);
      }
      expect(changesOf(events).length).toBeGreaterThan(looks.length);
      expect(faults).toEqual([]);
    });

    it('ranges that both sides can tell hold every key', async () => {
      const series = contract.dialect.series(1, 4000);
      await bench.run(
        'CREATE TABLE ranged (id INTEGER NOT NULL, t VARCHAR(60), PRIMARY KEY (id))',
        `INSERT INTO ranged (id, t) SELECT i, '${'y'.repeat(40)}' FROM ${series}`,
        'CREATE TABLE named (id VARCHAR(20) NOT NULL, t VARCHAR(60), PRIMARY KEY (id))',
        `INSERT INTO named (id, t) SELECT CONCAT('k', i), '${'y'.repeat(40)}' FROM ${series}`,
        ...['ranged', 'named'].map((name) => contract.dialect.analyze(name)),
      );
      const plan = async (name: string) => {
        const table = select(bench.database, name);
        return bench.source.planRanges(table, await describeOne(bench.source, table), 40_000, NEVER);
      };
      const ranges = await plan('ranged');
      expect(ranges.length).toBeGreaterThan(2);
      expect(ranges).toMatchObject([{ tag: 'key', after: null }, ...ranges.slice(1, -1), { upTo: null }]);
      expect(await plan('named')).toEqual([{ tag: 'whole' }]);
    });
  });
}
