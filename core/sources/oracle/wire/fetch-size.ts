import type { Statement } from '../statements/statement.ts';
import { isLarge, type SourceType } from '../values/source-type.ts';

/** Bytes that one fetch may bring, about. */
const FETCH_BYTES = 4 * 1024 * 1024;
const MOST_ROWS = 2000;
/** Of statements whose rows are of no table: SQL_REDO has 4000 bytes at most. */
const PLAIN_ROWS = 1000;
/** A number, a date, a ROWID. */
const SHORT = 40;
/** Large values have no bound; most are small. */
const LARGE = 64 * 1024;
/** What a character takes in memory at most. */
const CHARACTER = 2;

/** How many rows are fetched at once, so that a fetch of wide rows stays within bounds. */
export function fetchSize(statement: Statement): number {
  if (statement.tag !== 'rows') return PLAIN_ROWS;
  const width = statement.columns.reduce((sum, column) => sum + (column === null ? 1 : widthOf(column.type)), 0);
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(FETCH_BYTES / Math.max(1, width))));
}

function widthOf(type: SourceType): number {
  if (type.tag === 'char' || type.tag === 'varchar') return type.characters * CHARACTER;
  if (type.tag === 'raw') return type.bytes * CHARACTER;
  if (type.tag === 'urowid') return type.bytes;
  return isLarge(type) ? LARGE : SHORT;
}
