import type { Row } from '../../session.ts';
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
/** Rows with large values of which nobody knows yet how large they are. */
const FIRST_LARGE = 4;
/** By how much more rows are asked for than the time before. */
const GROWTH = 4;

/** How many rows are fetched at once, so that a fetch of wide rows stays within bounds. */
export class FetchSize {
  /** Of the next fetch. */
  rows: number;
  readonly #most: number;
  readonly #isLarge: boolean;

  constructor(statement: Statement) {
    const columns = statement.tag === 'rows' ? statement.columns : [];
    const width = columns.reduce((sum, column) => sum + (column === null ? 1 : widthOf(column.type)), 0);
    this.#isLarge = columns.some((column) => column !== null && isLarge(column.type));
    this.#most = statement.tag === 'rows' ? within(MOST_ROWS, width) : PLAIN_ROWS;
    this.rows = this.#isLarge ? Math.min(FIRST_LARGE, this.#most) : this.#most;
  }

  /** Rows came: of large values the widest one tells what to expect. */
  took(rows: readonly Row[]): void {
    if (!this.#isLarge) return;
    const widest = rows.reduce((width, row) => Math.max(width, textWidth(row)), 1);
    this.rows = Math.min(this.#most, this.rows * GROWTH, within(MOST_ROWS, widest));
  }
}

function within(most: number, width: number): number {
  return Math.max(1, Math.min(most, Math.floor(FETCH_BYTES / Math.max(1, width))));
}

function textWidth(row: Row): number {
  return CHARACTER * row.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

function widthOf(type: SourceType): number {
  if (type.tag === 'char' || type.tag === 'varchar') return type.characters * CHARACTER;
  if (type.tag === 'raw') return type.bytes * CHARACTER;
  if (type.tag === 'urowid') return type.bytes;
  return isLarge(type) ? LARGE : SHORT;
}
