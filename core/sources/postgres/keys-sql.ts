import { comparableText } from '../../changes/row-digest.ts';
import type { ReplicatedColumn, ReplicatedTable } from './describe.ts';
import { identifier, literal } from './sql.ts';

/**
 * A condition that holds for the rows that have one of the keys, and maybe for a few others; null where no row can have one.
 * Values are compared as the column's own type where its texts are sure to be read, so that an index is used; else by their text.
 */
export function keysCondition(table: ReplicatedTable, keys: readonly (readonly string[])[]): string | null {
  const { identity } = table.schema;
  if (identity.tag === 'row') return null;
  const columns = identity.columns.flatMap((name) => table.columns.filter(({ column }) => column.name === name));
  const [first] = columns;
  const native = columns.length === 1 && first !== undefined ? nativeOf(table, first) : null;
  if (first !== undefined && native !== null) {
    const values = keys.flatMap(([text]) => (native(text ?? '') ? [literal(text ?? '')] : []));
    return values.length === 0 ? null : `${identifier(first.column.name)} IN (${values.join(', ')})`;
  }
  const conditions = keys.flatMap((key) => keyCondition(table, columns, key) ?? []);
  return conditions.length === 0 ? null : `(${conditions.join(' OR ')})`;
}

function keyCondition(
  table: ReplicatedTable,
  columns: readonly ReplicatedColumn[],
  key: readonly string[],
): string | null {
  const conditions: string[] = [];
  for (const [index, column] of columns.entries()) {
    // What becomes of the value is for code to say.
    if (column.change !== null) continue;
    const text = key[index] ?? '';
    const name = identifier(column.column.name);
    if (column.column.type.tag === 'double') {
      conditions.push(`${name}::float8 = ${literal(String(Number(text)))}::float8`);
      continue;
    }
    const native = nativeOf(table, column);
    if (native?.(text) === false) return null;
    conditions.push(
      native === null
        ? `${column.reading.digest(name)} = ${literal(comparableText(column.column.type, text))}`
        : `${name} = ${literal(text)}`,
    );
  }
  return conditions.length === 0 ? 'true' : `(${conditions.join(' AND ')})`;
}

/** Whether a value of the type can have this text, which the server then reads without an error. */
type CanHave = (text: string) => boolean;

function nativeOf({ selection }: ReplicatedTable, { column, source }: ReplicatedColumn): CanHave | null {
  return selection.typeChange[column.name] === undefined ? (NATIVE.get(source.baseOid) ?? null) : null;
}

const integer =
  (bits: number): CanHave =>
  (text) =>
    /^-?\d{1,19}$/.test(text) && BigInt.asIntN(bits, BigInt(text)) === BigInt(text);
const characters: CanHave = (text) => !text.includes('\0');
const DATE = /^[1-9]\d{3}-\d\d-\d\d$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/;
const isDate: CanHave = (text) => {
  if (!DATE.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  // February 30 is another day.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};
const isDatetime: CanHave = (text) => isDate(text.slice(0, 10)) && text[10] === ' ' && TIME.test(text.slice(11));

/** By the OID of a built-in type (src/include/catalog/pg_type.dat): those whose canonical text is a text of the value, timestamptz in UTC as the session is. */
const NATIVE: ReadonlyMap<number, CanHave> = new Map([
  [16, (text: string) => text === '0' || text === '1'], // bool
  [20, integer(64)],
  [21, integer(16)],
  [23, integer(32)],
  [25, characters], // text
  [1042, characters], // bpchar
  [1043, characters], // varchar
  [1082, isDate],
  [1114, isDatetime], // timestamp
  [1184, isDatetime], // timestamptz
  [1700, (text: string) => /^-?\d+(\.\d+)?$/.test(text)], // numeric
  [2950, (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)], // uuid
]);
