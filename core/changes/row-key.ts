import { comparableText } from './row-digest.ts';
import { keyOrdinals, type TableSchema } from './table-schema.ts';

/** Canonical texts of a key's columns, in identity order → one text that tells the row from all others, however the texts were printed. */
export function rowKey(schema: TableSchema, texts: readonly (string | null | undefined)[]): string {
  return keyOf(schema, (_, index) => texts[index] ?? '');
}

/** {@link rowKey} of a row's values, which stand in the schema's order. */
export function rowKeyOf(schema: TableSchema, values: readonly (string | null | undefined)[]): string {
  return keyOf(schema, (ordinal) => values[ordinal] ?? '');
}

/** The texts of a {@link rowKey}. */
export function keyTexts(key: string): string[] {
  return JSON.parse(key) as string[];
}

function keyOf(schema: TableSchema, textOf: (ordinal: number, index: number) => string): string {
  const texts = keyOrdinals(schema).map((ordinal, index) => {
    const type = schema.columns[ordinal]?.type;
    const text = textOf(ordinal, index);
    return type === undefined ? text : comparableText(type, text);
  });
  return JSON.stringify(texts);
}

/** The key by which a row that has a value that does not fit in `unfit` can be fetched again; null: there is none. */
export function fetchKey(
  schema: TableSchema,
  values: readonly (string | null | undefined)[],
  unfit: string,
): string[] | null {
  const { identity } = schema;
  if (identity.tag === 'row' || identity.columns.includes(unfit)) return null;
  return keyOrdinals(schema).map((ordinal) => values[ordinal] ?? '');
}
