import { createHash } from 'node:crypto';
import type { SourceClient, SourceType } from '../test/fixtures/test-source.ts';

/** All rows of a table on one side, read value by value with the demo's own SQL: nothing of Penstock takes part. */
export interface TableValues {
  readonly rows: number;
  /** The sum of the rows' digests: the same for the same rows in any order. */
  readonly sum: bigint;
}

/** A column, how its value is asked for, and how the text is read. */
export interface ReadColumn {
  readonly name: string;
  readonly expression: string;
  /** Servers print doubles differently: they are compared as numbers. */
  readonly isDouble: boolean;
}

const DOUBLES = new Set(['real', 'double precision', 'float', 'double']);
const SUM_BITS = 128;

/** The columns of a table with expressions for texts that are the same on every server, in the table's order. */
export async function columnsOf(
  type: SourceType,
  client: SourceClient,
  schema: string,
  table: string,
): Promise<ReadColumn[]> {
  const rows = await client.rows(
    `SELECT column_name, data_type, datetime_precision FROM information_schema.columns
     WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position`,
    [schema, table],
  );
  const expression = type === 'postgres' ? postgresText : mysqlText;
  return rows.map(([name, dataType, precision]) => ({
    name: name ?? '',
    expression: expression(name ?? '', dataType ?? '', Number(precision)),
    isDouble: DOUBLES.has(dataType ?? ''),
  }));
}

function postgresText(column: string, type: string, precision: number): string {
  const digits = precision === 0 ? 'YYYY-MM-DD HH24:MI:SS'.length - 2 : 'YYYY-MM-DD HH:MI:SS.'.length + precision;
  const calendar = (value: string) => `left(to_char(${value}, 'YYYY-MM-DD HH24:MI:SS.US'), ${digits})`;
  switch (type) {
    case 'boolean':
      return `${column}::int`;
    case 'bytea':
      return `encode(${column}, 'hex')`;
    case 'timestamp with time zone':
      return calendar(`${column} AT TIME ZONE 'UTC'`);
    case 'timestamp without time zone':
      return calendar(column);
    default:
      return column;
  }
}

function mysqlText(column: string, type: string): string {
  if (type === 'bit') return `${column} + 0`;
  // MySQL casts to DOUBLE from 8.0.17; a sum is one on every server.
  if (type === 'float') return `${column} + 0e0`;
  return /binary|blob/.test(type) ? `LOWER(HEX(${column}))` : column;
}

/** Reads these columns of the rows for which a condition holds. */
export async function readValues(
  client: SourceClient,
  table: string,
  columns: readonly ReadColumn[],
  condition: string | null,
): Promise<TableValues> {
  const expressions = columns.map(({ expression }) => expression).join(', ');
  const where = condition === null ? '' : ` WHERE ${condition}`;
  let [rows, sum] = [0, 0n];
  for await (const texts of client.stream(`SELECT ${expressions} FROM ${table}${where}`)) {
    const values = texts.map((text, index) =>
      text !== null && columns[index]?.isDouble === true ? Number(text) + 0 : text,
    );
    sum += BigInt(`0x${createHash('md5').update(JSON.stringify(values)).digest('hex')}`);
    rows++;
  }
  return { rows, sum: BigInt.asUintN(SUM_BITS, sum) };
}
