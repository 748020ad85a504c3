import type { ColumnType } from '../../changes/column-type.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Session } from './connection.ts';
import { warningError, type ErrorPlace } from './server-errors.ts';
import { literal, quoted } from './sql-text.ts';

/** A field of the lines and the column that it goes to. */
export interface LineField {
  readonly name: string;
  readonly type: ColumnType;
}

/** A value for every line that is not in the lines. */
export interface FixedValue {
  readonly name: string;
  readonly value: string | number | bigint;
}

/**
 * LOAD DATA of lines in the form of extracts/row-encoding. The file's name is only a label.
 * Binary values travel as hexadecimal; what is not hexadecimal gives a warning instead of a silent NULL.
 */
export function loadSql(table: string, fields: readonly LineField[], fixed: readonly FixedValue[]): string {
  const targets = fields.map(({ name, type }, index) => (type.tag === 'binary' ? `@b${index}` : quoted(name)));
  const assignments = [
    ...fixed.map(({ name, value }) => `${quoted(name)} = ${literal(value)}`),
    ...fields.flatMap(({ name, type }, index) =>
      type.tag === 'binary' ? [`${quoted(name)} = ${fromHex(`@b${index}`)}`] : [],
    ),
  ];
  return [
    `LOAD DATA LOCAL INFILE 'penstock.tsv' INTO TABLE ${table} CHARACTER SET utf8mb4`,
    String.raw`FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n'`,
    `(${targets.join(', ')})`,
    ...(assignments.length === 0 ? [] : [`SET ${assignments.join(', ')}`]),
  ].join(' ');
}

function fromHex(variable: string): string {
  const bytes = `IF(LENGTH(${variable}) % 2 = 0, UNHEX(${variable}), NULL)`;
  return `IF(${variable} IS NULL, NULL, IFNULL(${bytes}, CAST('not hexadecimal' AS SIGNED)))`;
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
