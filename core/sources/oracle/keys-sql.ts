import { identifier } from './sql.ts';
import type { BoundValues } from './statements/bound-values.ts';
import type { TypedColumn } from './statements/columns.ts';
import { boundText, inputSql, outputSql } from './values/value-sql.ts';

/** Expressions of one IN. */
const MOST_IN_LIST = 1000;

/** A text as a value of the column's type; the text itself where the type has no other form for comparisons. */
export function typedValue({ type }: TypedColumn, text: string, bound: BoundValues): string {
  const parameter = bound.text(boundText(type, text));
  return inputSql(type, parameter) ?? parameter;
}

/** The column as it is compared: ORA_ROWSCN is no column's name. */
export function comparedColumn({ name, type }: TypedColumn): string {
  return type.tag === 'rowScn' ? 'ORA_ROWSCN' : identifier(name);
}

/**
 * A condition that holds for the rows that have one of the keys. An index is used, because the values are of the columns' own types.
 */
export function keysCondition(
  columns: readonly TypedColumn[],
  keys: readonly (readonly string[])[],
  bound: BoundValues,
): string {
  const [first] = columns;
  if (first === undefined || keys.length === 0) return '1 = 0';
  if (columns.length === 1) {
    return inList(
      compared(first),
      keys.map(([text]) => typedValue(first, text ?? '', bound)),
    );
  }
  const rows = keys.map((key) => {
    const equal = columns.map(
      (column, index) => `${compared(column)} = ${typedValue(column, key[index] ?? '', bound)}`,
    );
    return `(${equal.join(' AND ')})`;
  });
  return `(${rows.join(' OR ')})`;
}

/** `operand IN (…)` with any number of values. */
export function inList(operand: string, values: readonly string[]): string {
  if (values.length === 0) return '1 = 0';
  const lists: string[] = [];
  for (let start = 0; start < values.length; start += MOST_IN_LIST) {
    lists.push(`${operand} IN (${values.slice(start, start + MOST_IN_LIST).join(', ')})`);
  }
  return lists.length === 1 ? (lists[0] ?? '') : `(${lists.join(' OR ')})`;
}

/** The column, or its output text where its values cannot be compared. */
function compared(column: TypedColumn): string {
  const { type } = column;
  return inputSql(type, ':b') === null ? outputSql(type, identifier(column.name)) : comparedColumn(column);
}
