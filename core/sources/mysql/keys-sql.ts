import { comparableText } from '../../changes/row-digest.ts';
import type { ReplicatedColumn, ReplicatedTable } from './describe.ts';
import { keyLiteral } from './row-sql.ts';
import { identifier, literal } from './sql.ts';

/**
 * A condition that holds for the rows that have one of the keys, and maybe for a few others: a collation may call two texts equal that are not.
 * Values are compared as the column's own type where that is sure, so that an index is used; else by their text.
 */
export function keysCondition(table: ReplicatedTable, keys: readonly (readonly string[])[]): string {
  const { identity } = table.schema;
  if (identity.tag === 'row' || keys.length === 0) return '0';
  const columns = identity.columns.flatMap((name) => table.columns.filter(({ column }) => column.name === name));
  const [first] = columns;
  if (columns.length === 1 && first !== undefined && isNative(table, first)) {
    const values = keys.map(([text]) => keyLiteral(first, text ?? ''));
    return `${identifier(first.source.name)} IN (${values.join(', ')})`;
  }
  return `(${keys.map((key) => keyCondition(table, columns, key)).join(' OR ')})`;
}

function keyCondition(table: ReplicatedTable, columns: readonly ReplicatedColumn[], key: readonly string[]): string {
  const conditions = columns.flatMap((column, index) => {
    // What becomes of the value is for code to say.
    if (column.change !== null) return [];
    const text = key[index] ?? '';
    const name = identifier(column.source.name);
    if (column.column.type.tag === 'double') return [`${name} + 0e0 = ${String(Number(text))}`];
    return isNative(table, column)
      ? [`${name} = ${keyLiteral(column, text)}`]
      : [`${column.reading.digest(name)} = ${literal(comparableText(column.column.type, text))}`];
  });
  return conditions.length === 0 ? '1' : `(${conditions.join(' AND ')})`;
}

/** Types whose canonical text is a text of the value that the server reads as it, in a session whose zone is UTC. */
const NATIVE = new Set([
  'integer',
  'decimal',
  'date',
  'time',
  'datetime',
  'timestamp',
  'char',
  'varchar',
  'binary',
  'varbinary',
]);

function isNative({ selection }: ReplicatedTable, { column, source }: ReplicatedColumn): boolean {
  return selection.typeChange[column.name] === undefined && NATIVE.has(source.type.tag);
}
