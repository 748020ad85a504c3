/** Lines of comma-separated values by RFC 4180; null is an empty cell. */
export function csvLines(rows: readonly (readonly (string | number | null)[])[]): string[] {
  return rows.map((cells) => cells.map(cellText).join(','));
}

function cellText(cell: string | number | null): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
