import type { BoundValues } from './statements/bound-values.ts';
import type { TypedColumn } from './statements/columns.ts';
import { identifier } from './sql.ts';
import { inputSql, outputSql } from './values/value-sql.ts';

/** An output text as a value of the column's type; the text itself where the type has no other form for comparisons. */
export function typedValue(column: TypedColumn, text: string, bound: BoundValues): string {
  const parameter = bound.text(text);
  return inputSql(column.type, parameter) ?? parameter;
}

/**
 * A condition that holds for the rows that have one of the keys, and maybe for others that the server calls equal.
 * An index is used, because the values are of the columns' own types.
 */
export function keysCondition(
  columns: readonly TypedColumn[],
  keys: readonly (readonly string[])[],
  bound: BoundValues,
): string {
  const [first] = columns;
  if (first === undefined || keys.length === 0) return '1 = 0';
  if (columns.length === 1) {
    const values = keys.map(([text]) => typedValue(first, text ?? '', bound));
    return `${compared(first)} IN (${values.join(', ')})`;
  }
  const rows = keys.map((key) => {
    const equal = columns.map(
      (column, index) => `${compared(column)} = ${typedValue(column, key[index] ?? '', bound)}`,
    );
    return `(${equal.join(' AND ')})`;
  });
  return `(${rows.join(' OR ')})`;
}

/** The column, or its output text where its values cannot be compared. */
function compared({ name, type }: TypedColumn): string {
  return inputSql(type, '@p') === null ? outputSql(type, identifier(name)) : identifier(name);
}
