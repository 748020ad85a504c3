/** Whole percents of a copy. The number of rows was estimated before: a copy that is not done never shows 100. */
export function percentOf(row: { readonly rows: number; readonly estimatedRows: number | null }): number {
  if (row.estimatedRows === null || row.estimatedRows <= 0) return 0;
  return Math.min(99, Math.floor((row.rows / row.estimatedRows) * 100));
}
