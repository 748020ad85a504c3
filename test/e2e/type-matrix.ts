import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestPipeline, type PipelineServers } from '../fixtures/pipeline.ts';

/** A type, values of it, and what must stand at the destination: computed by the source in another way than the product does. */
export interface TypeValues {
  readonly type: string;
  /** SQL expressions at the source. */
  readonly values: readonly string[];
  /** Expression at the source over the column `v`. */
  readonly expected: string;
  /** How the destination's text is asked for; `number`: compared as doubles. */
  readonly read?: 'text' | 'hex' | 'number';
  /** As in the configuration. */
  readonly typeChange?: string;
}

/** What the matrix needs to know of a kind of source. */
export interface TypeMatrix {
  servers(): PipelineServers;
  /** Every type of the source that has values at the destination. */
  readonly types: readonly TypeValues[];
  /** Statements before the tables are made. */
  readonly setup: readonly string[];
  /** Statements before anything is read: what a DBA may set; values must arrive the same all the same. */
  oddSettings(database: string): readonly string[];
  /** A value as it is written to a column of its type. */
  literal(value: string, type: string): string;
  /** Deletes one of two rows that are equal, for each of `rows` pairs. */
  deleteHalf(rows: number): string;
}

interface MatrixColumn extends TypeValues {
  readonly name: string;
}

const COPIED = 1;
const INSERTED = 1001;
const UPDATED = 2001;

/**
 * Every type by three ways: copied, inserted through the log, updated through the log. All three must be the same bytes
 * at the destination and what the source says by another expression; and rows without a key must hash to the same row.
 */
export function typeMatrix(matrix: TypeMatrix): void {
  const rowCount = Math.max(...matrix.types.map(({ values }) => values.length));
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const columns: readonly MatrixColumn[] = matrix.types.map((type, index) => ({ ...type, name: `c${index}` }));
  const held = new AsyncDisposableStack();
  let pipeline: TestPipeline;

  const literalOf = ({ type, values }: MatrixColumn, row: number) =>
    matrix.literal(values[row % values.length] ?? 'NULL', type);
  const insertRow = (table: string, row: number, id: number | null) =>
    `INSERT INTO ${table} (${[...(id === null ? [] : ['id']), ...columns.map(({ name }) => name)].join(', ')})
     SELECT ${[...(id === null ? [] : [String(id)]), ...columns.map((column) => literalOf(column, row))].join(', ')}`;

  beforeAll(async () => {
    pipeline = held.use(await TestPipeline.open(matrix.servers()));
    for (const statement of matrix.setup) await pipeline.write(statement);
    const { kind } = pipeline;
    const structure = columns.map(({ name, type }) => `${name} ${type}`).join(', ');
    await pipeline.write(`CREATE TABLE keyed (id integer PRIMARY KEY, ${structure})`);
    await pipeline.write(`CREATE TABLE whole (${structure})`);
    for (const statement of kind.identifyByWholeRows('whole')) await pipeline.write(statement);
    for (const row of rows) {
      await pipeline.write(`${insertRow('keyed', row, COPIED + row)}; ${insertRow('whole', row, null)}`);
    }
    await pipeline.write(`INSERT INTO keyed (id) SELECT ${UPDATED} + n FROM ${kind.series(0, rowCount - 1)}`);
    for (const statement of matrix.oddSettings(pipeline.name)) await pipeline.write(statement);
    const typeChange = Object.fromEntries(
      columns.flatMap((column) => (column.typeChange === undefined ? [] : [[column.name, column.typeChange]])),
    );
    pipeline.configuration.tables = [
      { name: 'keyed', typeChange },
      { name: 'whole', typeChange },
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

  afterAll(() => held.disposeAsync());

  /** The column's values at the destination, for the rows from `first` on. */
  async function arrived({ name, read }: MatrixColumn, first: number): Promise<(string | null)[]> {
    const expression = read === 'hex' ? `HEX(${name})` : `CAST(${name} AS CHAR)`;
    const found = await pipeline.rows(
      `SELECT ${expression} FROM keyed WHERE id BETWEEN ${first} AND ${first + rowCount - 1} ORDER BY id`,
    );
    return found.map((row) => row[0] ?? null);
  }

  it('has a case for every type', () => {
    expect(rowCount).toBeGreaterThan(8);
  });

  it.each(columns.map((column) => ({ column, label: `${column.type} ${column.typeChange ?? ''}` })))(
    '$label',
    async ({ column }) => {
      const copied = await arrived(column, COPIED);
      expect(await arrived(column, INSERTED), 'inserted').toEqual(copied);
      expect(await arrived(column, UPDATED), 'updated').toEqual(copied);
      const expected = await pipeline.sourceRows(
        `SELECT (${column.expected}) FROM (SELECT id, ${column.name} AS v FROM keyed) k
         WHERE id BETWEEN ${COPIED} AND ${COPIED + rowCount - 1} ORDER BY id`,
      );
      // The destination has one zero: adding 0 makes -0 one too.
      const value = (text: string | null | undefined) => (column.read === 'number' ? Number(text) + 0 : text);
      expect(copied.map(value)).toEqual(expected.map(([text]) => value(text)));
      expect(copied.every((text) => text !== null)).toBe(true);
    },
  );

  it('verifies, with a key and without one', async () => {
    expect(await pipeline.differences()).toEqual([]);
  });

  it('knows a copied row without a key again when it comes by the log', async () => {
    const copies = await pipeline.rows('SELECT COUNT(*), COUNT(DISTINCT __row), MAX(__ordinal) FROM whole');
    expect(copies).toEqual([[String(2 * rowCount), String(rowCount), '2']]);
    await pipeline.write(matrix.deleteHalf(rowCount));
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    await pipeline.write('DELETE FROM whole');
    await pipeline.followed();
    expect(await pipeline.rows('SELECT COUNT(*) FROM whole')).toEqual([['0']]);
  });
}
