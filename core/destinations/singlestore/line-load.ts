import type { ColumnType } from '../../changes/column-type.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Session } from './connection.ts';
import { warningError, type ErrorPlace } from './server-errors.ts';
import { literal, quoted } from './sql-text.ts';

/** A field of the lines and the column that it goes to; null: to none. */
export interface LineField {
  readonly name: string | null;
  readonly type: ColumnType;
}

/** A value for every line that is not in the lines. */
export interface FixedValue {
  readonly name: string;
  readonly value: string | number | bigint;
}

/**
 * LOAD DATA of lines in the form of extracts/row-encoding. The file's name is only a label.
 * What the server would change without a word is looked at on its way: see {@link checkedValue}.
 */
export function loadSql(table: string, fields: readonly LineField[], fixed: readonly FixedValue[]): string {
  const checked = fields.map((field, index) => checkedValue(field.type, `@v${index}`));
  const targets = fields.map(({ name }, index) =>
    name === null || checked[index] !== null ? `@v${index}` : quoted(name),
  );
  const assignments = [
    ...fixed.map(({ name, value }) => `${quoted(name)} = ${literal(value)}`),
    ...fields.flatMap(({ name }, index) => {
      const value = checked[index] ?? null;
      return value === null || name === null ? [] : [`${quoted(name)} = ${value}`];
    }),
  ];
  return [
    `LOAD DATA LOCAL INFILE 'penstock.tsv' INTO TABLE ${table} CHARACTER SET utf8mb4`,
    String.raw`FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n'`,
    `(${targets.join(', ')})`,
    ...(assignments.length === 0 ? [] : [`SET ${assignments.join(', ')}`]),
  ].join(' ');
}

const MICROSECOND_DIGITS = 6;

/**
 * The expression for a field that cannot go into its column as it is; null where it can. Binary values travel as hexadecimal.
 * UNHEX makes NULL of what is not hexadecimal, and more fractional digits than a column has are cut, both without a warning:
 * a CAST that fails gives one.
 */
function checkedValue(type: ColumnType, variable: string): string | null {
  if (type.tag === 'binary') {
    const bytes = `IF(LENGTH(${variable}) % 2 = 0, UNHEX(${variable}), NULL)`;
    return `IF(${variable} IS NULL, NULL, IFNULL(${bytes}, CAST('not hexadecimal' AS SIGNED)))`;
  }
  if ((type.tag === 'time' || type.tag === 'datetime') && type.fraction < MICROSECOND_DIGITS) {
    const surplus = `LOCATE('.', ${variable}) > 0 AND LENGTH(${variable}) - LOCATE('.', ${variable}) > ${type.fraction}`;
    return `IF(${surplus}, CAST('too many fractional digits' AS SIGNED), ${variable})`;
  }
  return null;
}

/**
 * Loads lines and makes sure that each became a row as it was: LOAD DATA LOCAL skips duplicates and cuts values with
 * no more than a warning. The caller rolls back, or removes the rows, when this fails.
 * @throws PenstockError PS4004
 */
export async function loadLines(
  session: Session,
  sql: string,
  lines: { readonly rows: number; readonly bytes: AsyncIterable<Buffer> },
  place: ErrorPlace,
  signal: AbortSignal,
): Promise<void> {
  const { affectedRows, warningStatus } = await session.load(sql, lines.bytes, place, signal);
  if (warningStatus !== 0) throw await firstWarning(session, place, signal);
  if (affectedRows !== lines.rows) {
    const counts = `${lines.rows} rows were sent and ${affectedRows} arrived`;
    throw new PenstockError('PS4004', `${place.doing}: ${counts}`, place.table === null ? {} : { table: place.table });
  }
}

async function firstWarning(session: Session, place: ErrorPlace, signal: AbortSignal): Promise<PenstockError> {
  const [warning] = await session.rows('SHOW WARNINGS LIMIT 1', place, signal);
  return warningError(place, Number(warning?.['Code'] ?? 0), warning?.['Message'] ?? '');
}
