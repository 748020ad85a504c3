import type { ChunkRange } from '../../changes/copy-mark.ts';
import { conditionSql } from '../condition.ts';
import type { ReplicatedColumn, ReplicatedTable } from './describe.ts';
import { identifier, literal, qualified } from './sql.ts';

/** The SELECT of a chunk's rows, the columns in output text. */
export function selectRows(table: ReplicatedTable, range: ChunkRange): string {
  // The ranges are over the primary key's first column: without the hint a wide range is taken for a reason to read the whole table.
  const index = range.tag === 'whole' ? '' : ' FORCE INDEX (PRIMARY)';
  return `SELECT ${outputColumns(table).join(', ')} FROM ${qualified(table.schema.table)}${index} WHERE ${rangeCondition(table, range)}`;
}

/** The columns in output text; a masked one is never read. */
export function outputColumns(table: ReplicatedTable): string[] {
  return table.columns.map((column) =>
    column.isMasked ? 'NULL' : column.reading.output(identifier(column.column.name)),
  );
}

/** The condition of a chunk and of the user; `1` where there is none. */
export function rangeCondition(table: ReplicatedTable, range: ChunkRange): string {
  const conditions = [
    ...boundsOf(table, range),
    ...(table.selection.where === null ? [] : [conditionSql(table.selection.where)]),
  ];
  return conditions.length === 0 ? '1' : conditions.join(' AND ');
}

function boundsOf(table: ReplicatedTable, range: ChunkRange): string[] {
  if (range.tag === 'whole') return [];
  const column =
    range.tag === 'key' ? table.columns.find(({ source }) => source.name === range.column) : firstKeyColumn(table);
  if (column === null || column === undefined) return ['0'];
  const { after, upTo } = range.tag === 'key' ? range : { after: pageBound(range.from), upTo: pageBound(range.to) };
  const name = identifier(column.source.name);
  return [
    ...(after === null ? [] : [`${name} > ${keyLiteral(column, after)}`]),
    ...(upTo === null ? [] : [`${name} <= ${keyLiteral(column, upTo)}`]),
  ];
}

/** The first column of the primary key, which InnoDB stores the rows by; null without one. */
export function firstKeyColumn(table: ReplicatedTable): ReplicatedColumn | null {
  return table.columns.find(({ source }) => source.placeInPrimaryKey === 1) ?? null;
}

/** A bound of a `pages` range: the output text of a key, in JSON, because it may be empty. */
export function pageText(bound: string | null): string {
  return JSON.stringify(bound);
}

function pageBound(text: string | null): string | null {
  return text === null ? null : (JSON.parse(text) as string | null);
}

const NUMBER = /^-?\d+(\.\d+)?$/;

/** An output text as a constant of the column's type: a quoted number would be compared as a double. */
export function keyLiteral({ source }: ReplicatedColumn, output: string): string {
  const { tag } = source.type;
  if ((tag === 'integer' || tag === 'decimal') && NUMBER.test(output)) return output;
  return tag === 'binary' || tag === 'varbinary' ? `X'${output}'` : literal(output);
}

/** Holds for rows all of whose values fit; null where every value of the table fits. Columns with a changed type are judged by code. */
export function fitCondition(table: ReplicatedTable): string | null {
  const conditions = table.columns.flatMap((column) => {
    const name = identifier(column.source.name);
    const fits = column.isMasked ? null : (column.reading.fits?.(name) ?? null);
    const isSet = column.mustBeSet ? [`${name} IS NOT NULL`] : [];
    return fits === null ? isSet : [...isSet, `(${name} IS NULL OR ${fits})`];
  });
  return conditions.length === 0 ? null : conditions.join(' AND ');
}

/** MD5 over the columns but doubles by the rule of ChunkChecksum. */
export function rowDigestSql(table: ReplicatedTable): string {
  const parts = table.columns.flatMap((column) => {
    if (column.isMasked) return [`'-'`];
    if (column.column.type.tag === 'double') return [];
    const name = identifier(column.source.name);
    const text = column.reading.digest(name);
    // A text of more than max_allowed_packet is NULL, too: it must not look like the value NULL.
    const isNull = `${column.reading.decode === null ? name : text} IS NULL`;
    return [`IF(${isNull}, '-', CONCAT(LENGTH(${text}), ':', ${text}))`];
  });
  return parts.length === 0 ? `MD5('')` : `MD5(CONCAT(${parts.join(', ')}))`;
}
