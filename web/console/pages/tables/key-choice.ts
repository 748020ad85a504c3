/** The columns that identify a row: those that were chosen, or the table's own key. */
export function keyColumns(chosen: readonly string[] | null, own: readonly string[] | null): readonly string[] {
  return chosen ?? own ?? [];
}

/**
 * The choice after a column was taken in or out, in the order of the columns. The table's own key again is no choice,
 * so that a change of it at the source is followed; nor is no column at all.
 */
export function withKeyColumn(
  before: readonly string[],
  own: readonly string[] | null,
  columns: readonly string[],
  column: string,
  isIn: boolean,
): string[] | null {
  const names = columns.filter((name) => (name === column ? isIn : before.includes(name)));
  const isOwn = own !== null && own.length === names.length && names.every((name) => own.includes(name));
  return names.length === 0 || isOwn ? null : names;
}
