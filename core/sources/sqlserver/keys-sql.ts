import type { BoundValues } from './statements/bound-values.ts';
import type { TypedColumn } from './statements/columns.ts';
import { identifier } from './sql.ts';
import { inputSql, outputSql, triedInputSql } from './values/value-sql.ts';

/** An output text as a value of the column's type; the text itself where the type has no other form for comparisons. */
export function typedValue(column: TypedColumn, text: string, bound: BoundValues): string {
  const parameter = bound.text(text);
  return inputSql(column.type, parameter) ?? parameter;
}

/**
 * A condition that holds for the rows that have one of the keys, and maybe for others that the server calls equal.
 * A text that is no value of its column's type is the key of no row. An index is used, because the values are of the columns' own types.
 */
export function keysCondition(
  columns: readonly TypedColumn[],
  keys: readonly (readonly string[])[],
  bound: BoundValues,
): string {
  const [first] = columns;
  if (first === undefined || keys.length === 0) return '1 = 0';
  if (columns.length === 1) {
    const values = keys.map(([text]) => keyValue(first, text ?? '', bound));
    return `${compared(first)} IN (${values.join(', ')})`;
  }
  const rows = keys.map((key) => {
    const equal = columns.map((column, index) => `${compared(column)} = ${keyValue(column, key[index] ?? '', bound)}`);
    return `(${equal.join(' AND ')})`;
  });
  return `(${rows.join(' OR ')})`;
}

function keyValue({ type }: TypedColumn, text: string, bound: BoundValues): string {
  const parameter = bound.text(text);
  return triedInputSql(type, parameter) ?? parameter;
}

/** The column, or its output text where it has to be compared with the texts. */
function compared({ name, type }: TypedColumn): string {
  return triedInputSql(type, '@p') === null ? outputSql(type, identifier(name)) : identifier(name);
}
