import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { ODD_SETTINGS, TYPES, TYPE_SETUP, type TypeValues } from './type-values.ts';

/**
 * Every type by three ways: copied, inserted through the log, updated through the log. All three must be the same bytes
 * at the destination and what the source says by another expression; and rows without a key must hash to the same row.
 */

const servers = sharedServers('postgres');
const COPIED = 1;
const INSERTED = 1001;
const UPDATED = 2001;
const ROWS = Math.max(...TYPES.map(({ values }) => values.length));

interface MatrixColumn extends TypeValues {
  readonly name: string;
  readonly label: string;
}

let columns: readonly MatrixColumn[];
let pipeline: TestPipeline;

const insertRow = (table: string, row: number, id: number | null) =>
  `INSERT INTO ${table} (${[...(id === null ? [] : ['id']), ...columns.map(({ name }) => name)].join(', ')})
   SELECT ${[...(id === null ? [] : [String(id)]), ...columns.map((column) => literalOf(column, row))].join(', ')}`;

function literalOf({ type, values }: MatrixColumn, row: number): string {
  return `(${values[row % values.length] ?? 'NULL'})::${type}`;
}

beforeAll(async () => {
  pipeline = await TestPipeline.open({ ...servers, setup: TYPE_SETUP });
  const [found] = await pipeline.sourceRows(`SELECT count(*) FROM pg_available_extensions WHERE name = 'hstore'`);
  const hstore: TypeValues = { type: 'hstore', values: [`'a=>"1,2", b=>NULL'`], expected: 'v::text' };
  if (found?.[0] === '1') await pipeline.write('CREATE EXTENSION hstore');
  columns = [...TYPES, ...(found?.[0] === '1' ? [hstore] : [])].map((type, index) => ({
    ...type,
    name: `c${index}`,
    label: `${type.type}${type.typeChange === undefined ? '' : ` ${type.typeChange}`}`,
  }));
  const structure = columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  await pipeline.write(`CREATE TABLE keyed (id integer PRIMARY KEY, ${structure});
    CREATE TABLE whole (${structure}); ALTER TABLE whole REPLICA IDENTITY FULL;
    ${rows.map((row) => `${insertRow('keyed', row, COPIED + row)}; ${insertRow('whole', row, null)}`).join(';')};
    INSERT INTO keyed (id) SELECT ${UPDATED} + n FROM generate_series(0, ${ROWS - 1}) n`);
  for (const [name, value] of Object.entries(ODD_SETTINGS)) {
    await pipeline.write(`ALTER DATABASE ${pipeline.name} SET ${name} = '${value}'`);
  }
  const typeChange = Object.fromEntries(
    columns.flatMap((column) => (column.typeChange === undefined ? [] : [[column.name, column.typeChange]])),
  );
  pipeline.configuration.tables = [
    { name: 'public.keyed', typeChange },
    { name: 'public.whole', typeChange },
  ];
  await pipeline.copied();
  for (const row of rows) {
    await pipeline.write(insertRow('keyed', row, INSERTED + row));
    await pipeline.write(insertRow('whole', row, null));
    const assignments = columns.map((column) => `${column.name} = ${literalOf(column, row)}`);
    await pipeline.write(`UPDATE keyed SET ${assignments.join(', ')} WHERE id = ${UPDATED + row}`);
  }
  await pipeline.followed();
});

afterAll(async () => {
  await pipeline[Symbol.asyncDispose]();
});

/** The column's values at the destination, for the rows from `first` on. */
async function arrived({ name, read }: MatrixColumn, first: number): Promise<(string | null)[]> {
  const expression = read === 'hex' ? `HEX(${name})` : `CAST(${name} AS CHAR)`;
  const rows = await pipeline.rows(
    `SELECT ${expression} FROM keyed WHERE id BETWEEN ${first} AND ${first + ROWS - 1} ORDER BY id`,
  );
  return rows.map((row) => row[0] ?? null);
}

it('has a case for every type', () => {
  expect(ROWS).toBeGreaterThan(10);
});

it.each(TYPES.map((type, index) => ({ index, label: `${type.type} ${type.typeChange ?? ''}` })))(
  '$label',
  async ({ index }) => {
    const column = columns[index]!;
    const copied = await arrived(column, COPIED);
    expect(await arrived(column, INSERTED), 'inserted').toEqual(copied);
    expect(await arrived(column, UPDATED), 'updated').toEqual(copied);
    const expected = await pipeline.sourceRows(
      `SELECT (${column.expected}) FROM (SELECT id, ${column.name} AS v FROM keyed) k
       WHERE id BETWEEN ${COPIED} AND ${COPIED + ROWS - 1} ORDER BY id`,
    );
    // The destination has one zero: adding 0 makes -0 one too.
    const value = (text: string | null | undefined) => (column.read === 'number' ? Number(text) + 0 : text);
    expect(copied.map(value)).toEqual(expected.map(([text]) => value(text)));
    expect(copied.every((text) => text !== null)).toBe(true);
  },
);

it('has hstore where the server has it', async () => {
  const column = columns.find(({ type }) => type === 'hstore');
  const [found] = await pipeline.sourceRows(`SELECT count(*) FROM pg_available_extensions WHERE name = 'hstore'`);
  expect(column !== undefined).toBe(found?.[0] === '1');
  if (column === undefined) return;
  const copied = await arrived(column, COPIED);
  expect(copied[0]).toBe('"a"=>"1,2", "b"=>NULL');
  expect(await arrived(column, INSERTED)).toEqual(copied);
});

it('verifies, with a key and without one', async () => {
  expect(await pipeline.differences()).toEqual([]);
});

it('knows a copied row without a key again when it comes by the log', async () => {
  const copies = await pipeline.rows('SELECT COUNT(*), COUNT(DISTINCT __row), MAX(__ordinal) FROM whole');
  expect(copies).toEqual([[String(2 * ROWS), String(ROWS), '2']]);
  await pipeline.write('DELETE FROM whole WHERE ctid IN (SELECT min(ctid) FROM whole GROUP BY c1, c2, c15::text, c10)');
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
  await pipeline.write('DELETE FROM whole');
  await pipeline.followed();
  expect(await pipeline.rows('SELECT COUNT(*) FROM whole')).toEqual([['0']]);
});
