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
  if (columns.length !== 1 || first === undefined || !isNative(table, first)) {
    return `(${keys.map((key) => keyCondition(table, columns, key)).join(' OR ')})`;
  }
  const isSure = ([text]: readonly string[]): boolean => isValueOf(first, text ?? '');
  const sure = keys.filter(isSure);
  const unsure = keys.filter((key) => !isSure(key));
  const list = `${identifier(first.source.name)} IN (${sure.map(([text]) => keyLiteral(first, text ?? '')).join(', ')})`;
  const conditions = [...(sure.length === 0 ? [] : [list]), ...unsure.map((key) => keyCondition(table, columns, key))];
  return `(${conditions.join(' OR ')})`;
}

function keyCondition(table: ReplicatedTable, columns: readonly ReplicatedColumn[], key: readonly string[]): string {
  const conditions = columns.flatMap((column, index) => {
    // What becomes of the value is for code to say.
    if (column.change !== null) return [];
    const text = key[index] ?? '';
    const name = identifier(column.source.name);
    if (column.column.type.tag === 'double') return [`${name} + 0e0 = ${String(Number(text))}`];
    return isNative(table, column) && isValueOf(column, text)
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

/**
 * Whether a text is surely a value of the column's type. One that is none, in a list of times, makes MySQL 5.7 and 8.0 find no row of
 * the whole list, and an equation with a day that does not exist is an error in MySQL 9.
 */
function isValueOf({ source }: ReplicatedColumn, text: string): boolean {
  const { tag } = source.type;
  if (tag === 'date') return isDay(text);
  if (tag === 'time') return TIME.test(text) && Math.abs(Number.parseInt(text, 10)) <= MOST_HOURS;
  if (tag === 'datetime' || tag === 'timestamp') {
    return isDay(text.slice(0, DAY_LENGTH)) && CLOCK.test(text.slice(DAY_LENGTH));
  }
  return true;
}

const DAY_LENGTH = 10;
const DAY = /^[1-9]\d{3}-\d\d-\d\d$/;
const CLOCK = /^ ([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/;
const TIME = /^-?\d{2,3}:[0-5]\d:[0-5]\d(\.\d{1,6})?$/;
/** The longest time is 838:59:59; what comes near is compared by its text. */
const MOST_HOURS = 837;

function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
