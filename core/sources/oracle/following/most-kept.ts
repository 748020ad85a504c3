/**
 * Tables of a position, whose size does not grow with theirs. It is for those whose rows come shortly before a change of structure: tables that
 * rows were told of last. Of the others rows of before one that comes while nobody reads stop the table.
 */
export const MOST_KEPT = 64;

/** Measured on items of extracts: of a table with a name of some twelve characters, and of the places of commits, which are longer than others'. */
const TABLE_BYTES = 30;
const PLACE_BYTES = 260;

/** What an estimate of cost takes for them: SourceKind.rememberedBytes. */
export function keptBytes(tables: number): number {
  return PLACE_BYTES + Math.min(tables, MOST_KEPT) * TABLE_BYTES;
}
