import { keyOrdinals, type TableSchema } from '../changes/table-schema.ts';

/** What rows must be to be found by their keys, as the statements of sources have it. */
export type KeyCondition<Typed> =
  | { readonly tag: 'keys'; readonly columns: readonly Typed[]; readonly keys: readonly (readonly string[])[] }
  | { readonly tag: 'chosen'; readonly where: string };

/** How the server finds a value of a key column. */
export interface ComparedColumn<Typed> {
  readonly column: Typed;
  /** A canonical text as a statement compares it; null: no value of the column has it. */
  readonly text: (canonical: string) => string | null;
}

/**
 * Some keys each, of no more than so many values together, without those that no row can have. Where the server cannot tell a column by its canonical
 * text (`compared` is null), rows are found by the others, or all are read: which of them were wanted is for code to say.
 */
export function keyConditions<Column, Typed>(
  table: { readonly schema: TableSchema; readonly columns: readonly Column[] },
  keys: readonly (readonly string[])[],
  compared: (column: Column) => ComparedColumn<Typed> | null,
  mostValues: number,
): KeyCondition<Typed>[] {
  if (keys.length === 0) return [];
  const places = keyOrdinals(table.schema).flatMap((ordinal, place) => {
    const column = table.columns[ordinal];
    const found = column === undefined ? null : compared(column);
    return found === null ? [] : [{ ...found, place }];
  });
  if (places.length === 0) return [{ tag: 'chosen', where: '1 = 1' }];
  const columns = places.map(({ column }) => column);
  const texts = keys
    .map((key) => places.map(({ place, text }) => text(key[place] ?? '')))
    .filter((key): key is string[] => !key.includes(null));
  const atOnce = Math.max(1, Math.floor(mostValues / columns.length));
  const conditions: KeyCondition<Typed>[] = [];
  for (let start = 0; start < texts.length; start += atOnce)
    conditions.push({ tag: 'keys', columns, keys: texts.slice(start, start + atOnce) });
  return conditions;
}
