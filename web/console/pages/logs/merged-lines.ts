/** Lines of two fetches in the order of their log, each once. @param most so many of the last ones are kept */
export function mergedLines<Line extends { readonly id: string }>(
  known: readonly Line[],
  more: readonly Line[],
  most: number,
): readonly Line[] {
  if (more.length === 0) return known;
  const byId = new Map([...known, ...more].map((line) => [line.id, line]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(-most);
}
