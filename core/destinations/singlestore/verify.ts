import type { ChunkRange } from '../../changes/copy-mark.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ChunkChecksum, RowDigest } from '../../sources/source-connector.ts';
import type { TargetColumn, TargetTable } from '../target-table.ts';
import type { Session } from './connection.ts';
import type { Dialect } from './dialect.ts';
import type { ErrorPlace } from './server-errors.ts';
import { literal, nameList, qualified, quoted } from './sql-text.ts';
import { identityColumns, isKeyed, SEQUENCE } from './table-sql.ts';

/** Rows and sum of a range, computed by the server. The rule is ChunkChecksum's. */
export async function checksumOf(
  session: Session,
  dialect: Dialect,
  target: TargetTable,
  range: ChunkRange,
  signal: AbortSignal,
): Promise<ChunkChecksum> {
  const place = placeOf(target, 'computing a checksum');
  const [row] = await session.rows(checksumSql(target, range, dialect), place, signal);
  if (Number(row?.['undigested'] ?? 0) > 0) throw tooLarge(place);
  return { rows: Number(row?.['row_count'] ?? 0), sum: `${row?.['low'] ?? '0'}:${row?.['high'] ?? '0'}` };
}

/** The rows' digests in the byte order of their key texts, streamed. */
export async function* digestsOf(
  session: Session,
  dialect: Dialect,
  target: TargetTable,
  range: ChunkRange,
  signal: AbortSignal,
): AsyncGenerator<RowDigest> {
  const place = placeOf(target, 'reading row digests');
  const keys = isKeyed(target) ? identityColumns(target) : ['digest'];
  const doubles = target.columns.filter((column) => column.type.tag === 'double');
  for await (const row of session.stream(digestsSql(target, range, dialect), place, signal)) {
    const digest = row['digest'];
    if (digest === null || digest === undefined) throw tooLarge(place);
    yield {
      key: isKeyed(target) ? keys.map((_, index) => row[`k${index}`] ?? '') : [digest],
      digest,
      doubles: doubles.map((_, index) => row[`d${index}`] ?? null),
    };
  }
}

export function checksumSql(target: TargetTable, range: ChunkRange, dialect: Dialect): string {
  const part = (from: number): string =>
    `COALESCE(SUM(CAST(CONV(SUBSTRING(digest, ${from}, 15), 16, 10) AS UNSIGNED)), 0)`;
  return (
    `SELECT COUNT(*) AS row_count, ${part(1)} AS low, ${part(16)} AS high, COALESCE(SUM(digest IS NULL), 0) AS undigested` +
    ` FROM (SELECT ${digestText(target, dialect)} AS digest FROM ${fromText(target, range)}) x`
  );
}

export function digestsSql(target: TargetTable, range: ChunkRange, dialect: Dialect): string {
  const keyColumns = identityColumns(target).flatMap((name) => target.columns.filter((column) => column.name === name));
  const keys = isKeyed(target)
    ? keyColumns.map((column, index) => `${canonicalText(column, dialect)} AS k${index}`)
    : [];
  const doubles = target.columns
    .filter((column) => column.type.tag === 'double')
    .map((column, index) => `CAST(t.${quoted(column.name)} AS CHAR) AS d${index}`);
  const order = isKeyed(target)
    ? keyColumns.map((column) => `CAST(${canonicalText(column, dialect)} AS BINARY)`).join(', ')
    : 'digest';
  return `SELECT ${[`${digestText(target, dialect)} AS digest`, ...keys, ...doubles].join(', ')} FROM ${fromText(target, range)} ORDER BY ${order}`;
}

/** The current rows of the given keys, every column in canonical text, streamed. */
export async function* rowsOf(
  session: Session,
  dialect: Dialect,
  target: TargetTable,
  keys: readonly (readonly string[])[],
  signal: AbortSignal,
): AsyncGenerator<(string | null)[]> {
  const place = placeOf(target, 'reading rows');
  for await (const row of session.stream(rowsSql(target, keys, dialect), place, signal)) {
    yield target.columns.map((_, index) => row[`c${index}`] ?? null);
  }
}

export function rowsSql(target: TargetTable, keys: readonly (readonly string[])[], dialect: Dialect): string {
  const texts = target.columns.map((column, index) => `${canonicalText(column, dialect)} AS c${index}`);
  return `SELECT ${texts.join(', ')} FROM ${currentRows(target, [keysCondition(target, keys)])}`;
}

/** How many versions begin long before the one before them has ended; an hour is more than a clock that was set goes back. */
export async function overlappingVersions(
  session: Session,
  target: TargetTable,
  range: ChunkRange,
  signal: AbortSignal,
): Promise<number> {
  if (target.keeping.tag === 'mirror') return 0;
  const [row] = await session.rows(
    overlapsSql(target, target.keeping, range),
    placeOf(target, 'comparing versions'),
    signal,
  );
  return Number(row?.['overlaps'] ?? 0);
}

/** Dates are commit times: of a row that was deleted and made again the second one may be the earlier one, where the source's clock went back. */
export function overlapsSql(
  target: TargetTable,
  { startColumn, endColumn }: Extract<TargetTable['keeping'], { tag: 'history' }>,
  range: ChunkRange,
): string {
  const next = `LEAD(t.${quoted(startColumn)}) OVER (PARTITION BY ${nameList(identityColumns(target), 't.')} ORDER BY t.${quoted(SEQUENCE)})`;
  const versions = `SELECT t.${quoted(endColumn)} AS ended, ${next} AS began FROM ${qualified(target.database, target.name)} t`;
  return `SELECT COUNT(*) AS overlaps FROM (${versions}${whereText(rangeConditions(target, range))}) v WHERE v.ended > v.began + INTERVAL 1 HOUR`;
}

function fromText(target: TargetTable, range: ChunkRange): string {
  return currentRows(target, rangeConditions(target, range));
}

/** Only the open versions of a history are the rows as they are now. */
function currentRows(target: TargetTable, conditions: readonly string[]): string {
  const open =
    target.keeping.tag === 'history'
      ? [`t.${quoted(target.keeping.endColumn)} = ${literal(target.keeping.openEnd)}`]
      : [];
  return `${qualified(target.database, target.name)} t${whereText([...conditions, ...open])}`;
}

function whereText(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

/** Rows of the given keys; the values as constants of the columns' types, so that the primary key is used. */
function keysCondition(target: TargetTable, keys: readonly (readonly string[])[]): string {
  const columns = identityColumns(target).flatMap((name) => target.columns.filter((column) => column.name === name));
  const [first] = columns;
  if (keys.length === 0 || first === undefined) return 'FALSE';
  if (columns.length === 1)
    return `t.${quoted(first.name)} IN (${keys.map(([text]) => constant(first, text ?? '')).join(', ')})`;
  const one = (key: readonly string[]): string =>
    columns.map((column, index) => `t.${quoted(column.name)} = ${constant(column, key[index] ?? '')}`).join(' AND ');
  return `(${keys.map((key) => `(${one(key)})`).join(' OR ')})`;
}

const DECIMAL = /^-?\d+(\.\d+)?$/;

function constant({ type }: TargetColumn, text: string): string {
  if ((type.tag === 'integer' || type.tag === 'decimal' || type.tag === 'boolean') && DECIMAL.test(text)) return text;
  if (type.tag === 'double') return String(Number(text));
  return type.tag === 'binary' && /^([0-9a-f]{2})*$/i.test(text) ? `X'${text}'` : literal(text);
}

const NUMBER = /^-?\d{1,20}$/;

/** Page ranges mean nothing here: they are the source's. */
function rangeConditions(target: TargetTable, range: ChunkRange): string[] {
  if (range.tag !== 'key') return [];
  const bound = (value: string): string => {
    if (range.compareAs === 'bytes') return literal(value);
    // A number in quotes would be compared as a double.
    if (NUMBER.test(value)) return value;
    throw new PenstockError('PS9001', `the bound of a key range of ${tableId(target.schema.table)} is not a number`);
  };
  const column = `t.${quoted(range.column)}`;
  return [
    ...(range.after === null ? [] : [`${column} > ${bound(range.after)}`]),
    ...(range.upTo === null ? [] : [`${column} <= ${bound(range.upTo)}`]),
  ];
}

function digestText(target: TargetTable, dialect: Dialect): string {
  const fields = target.columns
    .filter((column) => column.type.tag !== 'double')
    .map((column) => {
      const text = canonicalText(column, dialect);
      return `IF(t.${quoted(column.name)} IS NULL, '-', CONCAT(LENGTH(${text}), ':', ${text}))`;
    });
  return fields.length === 0 ? `MD5('')` : `MD5(CONCAT(${fields.join(', ')}))`;
}

/** The canonical text of a column's value, see changes/column-type. */
function canonicalText(column: TargetColumn, dialect: Dialect): string {
  const name = `t.${quoted(column.name)}`;
  const { type } = column;
  switch (type.tag) {
    case 'text':
      return name;
    case 'binary':
      return `LOWER(HEX(${name}))`;
    case 'time':
    case 'datetime': {
      const surplus = dialect.storedFraction(type.fraction) - type.fraction;
      const text = `CAST(${name} AS CHAR)`;
      return surplus === 0 ? text : `SUBSTRING(${text}, 1, LENGTH(${text}) - ${surplus})`;
    }
    case 'boolean':
    case 'integer':
    case 'decimal':
    case 'double':
    case 'date':
      return `CAST(${name} AS CHAR)`;
  }
}

function tooLarge(place: ErrorPlace): PenstockError {
  return new PenstockError('PS4008', `${place.doing}: a row is larger than max_allowed_packet`, {
    remedy: 'Raise max_allowed_packet at the destination, or leave the table out of the verification.',
  });
}

function placeOf(target: TargetTable, doing: string): ErrorPlace {
  const table = tableId(target.schema.table);
  return { doing: `${table}: ${doing}`, table, columns: target.columns.map((column) => column.name) };
}
