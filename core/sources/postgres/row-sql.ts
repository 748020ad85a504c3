import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { ReplicatedColumn, ReplicatedTable } from './describe.ts';
import { identifier, literal } from './sql.ts';
import { conditionSql } from '../condition.ts';

/** What of a column an expression gives. */
type TextOf = (column: ReplicatedColumn, name: string) => string;

/** The condition of a chunk and of the user, without those on values that do not fit; `true` where there is none. */
export function rangeCondition(table: ReplicatedTable, range: ChunkRange): string {
  const conditions = [
    ...boundsOf(range),
    ...(table.selection.where === null ? [] : [conditionSql(table.selection.where)]),
  ];
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}

function boundsOf(range: ChunkRange): string[] {
  switch (range.tag) {
    case 'whole':
      return [];
    case 'key': {
      const column = identifier(range.column);
      return [
        ...(range.after === null ? [] : [`${column} > ${literal(range.after)}`]),
        ...(range.upTo === null ? [] : [`${column} <= ${literal(range.upTo)}`]),
      ];
    }
    case 'pages':
      return [
        `ctid >= ${literal(`(${range.from},0)`)}::tid`,
        ...(range.to === null ? [] : [`ctid < ${literal(`(${range.to},0)`)}::tid`]),
      ];
  }
}

/** Holds for rows all of whose values fit; null where every value of the table fits. Columns with a changed type are judged by code. */
export function fitCondition(table: ReplicatedTable): string | null {
  const conditions = table.columns.flatMap((column) => {
    const name = identifier(column.column.name);
    const fits = column.isMasked ? null : (column.reading.fits?.(name) ?? null);
    if (column.mustBeSet) return [fits === null ? `${name} IS NOT NULL` : `(${fits}) IS TRUE`];
    return fits === null ? [] : [`(${fits}) IS NOT FALSE`];
  });
  return conditions.length === 0 ? null : conditions.join(' AND ');
}

/** The columns as COPY prints them in canonical text. */
export function copyColumns(table: ReplicatedTable): string[] {
  return table.columns.map((column) =>
    column.isMasked ? 'NULL' : column.reading.copy(identifier(column.column.name)),
  );
}

/** The columns as the server prints them by itself, as the log does. */
export function outputColumns(table: ReplicatedTable): string[] {
  return table.columns.map((column) => (column.isMasked ? 'NULL' : identifier(column.column.name)));
}

const canonicalText: TextOf = (column, name) => column.reading.text(name);
const digestText: TextOf = (column, name) => column.reading.digest(name);

/** MD5 over all columns by the rule of changes/row-digest `rowHash`. */
export function rowHashSql(table: ReplicatedTable, isUtf8: boolean): string {
  return md5Of(table.columns, canonicalText, isUtf8);
}

/** MD5 over the columns but doubles by the rule of ChunkChecksum. */
export function rowDigestSql(table: ReplicatedTable, isUtf8: boolean): string {
  return md5Of(
    table.columns.filter(({ column }) => column.type.tag !== 'double'),
    digestText,
    isUtf8,
  );
}

/** concat() takes up to 100 arguments, so wide tables are joined in groups. */
const ARGUMENTS = 50;

function md5Of(columns: readonly ReplicatedColumn[], textOf: TextOf, isUtf8: boolean): string {
  const parts = columns.map((column) => lengthAndText(column, textOf, isUtf8));
  if (parts.length === 0) return `md5('')`;
  const groups: string[] = [];
  for (let index = 0; index < parts.length; index += ARGUMENTS) {
    groups.push(`concat(${parts.slice(index, index + ARGUMENTS).join(', ')})`);
  }
  const text = groups.join(' || ');
  return isUtf8 ? `md5(${text})` : `md5(convert_to(${text}, 'UTF8'))`;
}

function lengthAndText(column: ReplicatedColumn, textOf: TextOf, isUtf8: boolean): string {
  if (column.isMasked) return `'-'`;
  const text = textOf(column, identifier(column.column.name));
  const length = isUtf8 ? `octet_length(${text})` : `octet_length(convert_to(${text}, 'UTF8'))`;
  return `coalesce(${length} || ':' || ${text}, '-')`;
}
