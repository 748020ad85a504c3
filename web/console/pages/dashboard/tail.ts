/** The last lines of what was fetched and what came since; a line that is in both stands once. Lines are in the order of their log. */
export function tailOf<Line extends { readonly id: string }>(
  fetched: readonly Line[],
  live: readonly Line[],
  most: number,
): readonly Line[] {
  const known = new Set(fetched.map((line) => line.id));
  return [...fetched, ...live.filter((line) => !known.has(line.id))].slice(-most);
}
