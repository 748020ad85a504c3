import { rangeHolds, type CopyMark } from '../../../core/changes/copy-mark.ts';
import type { Column } from '../../../core/changes/table-schema.ts';
import { datetimeText, timestampFromMicroseconds, type Timestamp } from '../../../core/changes/timestamp.ts';
import type { FullRow } from './source-tables.ts';

/** The rows of one table after some transaction, and how many columns the log had told of by then. */
interface RowsAt {
  readonly end: string;
  readonly rows: readonly FullRow[];
  readonly told: number;
}

interface BegunVersion {
  readonly values: FullRow;
  readonly start: string;
}

interface Version extends BegunVersion {
  readonly startOrder: string;
  end: string | null;
  endOrder: string | null;
}

export const OPEN_END = '9999-12-31 00:00:00.000000';

/** A part of a table that was copied at some place of the log, and when. */
export interface CopiedRange extends CopyMark {
  readonly takenAt: Timestamp;
}

/**
 * What a table's copy at the destination has to hold at every transaction boundary:
 * the oracle that the destination is compared with. Kept apart from anything that the core computes.
 */
export class TableTruth {
  readonly #states: RowsAt[] = [];
  readonly #versions: Version[] = [];
  readonly #open = new Map<string, Version>();
  readonly #columns: Column[];

  constructor(columns: readonly Column[], order: string) {
    this.#columns = [...columns];
    this.#states.push({ end: order, rows: [], told: columns.length });
  }

  addColumn(column: Column): void {
    this.#columns.push(column);
  }

  /** The names of the first `width` columns. */
  columns(width: number): string[] {
    return this.#columns.slice(0, width).map(({ name }) => name);
  }

  /** Begins a history version of `values`; `order` is the end of its transaction. */
  beginVersion(values: FullRow, microseconds: bigint, order: string): void {
    const version = { values, start: dateOf(microseconds), startOrder: order, end: null, endOrder: null };
    this.#versions.push(version);
    this.#open.set(values[0] ?? '', version);
  }

  endVersion(key: string, microseconds: bigint, order: string): void {
    const version = this.#open.get(key);
    if (version === undefined) return;
    version.end = dateOf(microseconds);
    version.endOrder = order;
    this.#open.delete(key);
  }

  endAllVersions(microseconds: bigint, order: string): void {
    for (const key of [...this.#open.keys()]) this.endVersion(key, microseconds, order);
  }

  /** Records the rows at the end of a transaction that changed them; the log has told of `told` columns by then. */
  record(end: string, rows: readonly FullRow[], told: number): void {
    this.#states.push({ end, rows, told });
  }

  /** How many columns the log has told of up to `order`. */
  toldAt(order: string): number {
    return this.#stateAt(order).told;
  }

  /** The rows at `order`, or at the place where they were copied if that is later; their first `width` columns. */
  rowsAt(order: string, copied: readonly CopiedRange[], width: number): (string | null)[][] {
    const rows = copied.flatMap((mark) =>
      this.#stateAt(later(order, mark.order)).rows.filter((row) => rangeHolds(mark.range, row[0] ?? '')),
    );
    return rows.map((row) => this.#padded(row, width));
  }

  /** {@link rowsAt} as one text. */
  mirrorAt(order: string, copied: readonly CopiedRange[], width: number): string {
    return rowsText(this.rowsAt(order, copied, width));
  }

  /** The versions that transactions behind `after` up to `upTo` began, but for those that are in the copy; as they stand at `upTo`. */
  versionsBetween(after: string, upTo: string, copied: readonly CopiedRange[]): (BegunVersion & { end: string })[] {
    return this.#versions
      .filter(({ values, startOrder }) => {
        const begins = copied.filter(({ range }) => rangeHolds(range, values[0] ?? '')).map(({ order }) => order);
        return startOrder > [after, ...begins].reduce(later) && startOrder <= upTo;
      })
      .map(({ values, start, end, endOrder }) => ({
        values,
        start,
        end: end !== null && endOrder !== null && endOrder <= upTo ? end : OPEN_END,
      }));
  }

  /** All versions since the copy, with their start and end, as {@link mirrorAt}. */
  historyAt(order: string, copied: readonly CopiedRange[], width: number): string {
    const versions = copied.flatMap((mark) => {
      const upTo = later(order, mark.order);
      return this.#versions
        .filter(({ values }) => rangeHolds(mark.range, values[0] ?? ''))
        .filter(({ startOrder, endOrder }) => startOrder <= upTo && (endOrder === null || endOrder > mark.order))
        .map((version) => [
          ...this.#padded(version.values, width),
          version.startOrder <= mark.order ? datetimeText(mark.takenAt) : version.start,
          version.endOrder !== null && version.endOrder <= upTo ? version.end : OPEN_END,
        ]);
    });
    return rowsText(versions);
  }

  #stateAt(order: string): RowsAt {
    for (let index = this.#states.length - 1; index > 0; index--) {
      const state = this.#states[index]!;
      if (state.end <= order) return state;
    }
    return this.#states[0]!;
  }

  #padded(row: FullRow, width: number): (string | null)[] {
    return Array.from({ length: width }, (_, index) =>
      index < row.length ? (row[index] ?? null) : (this.#columns[index]?.backfill ?? null),
    );
  }
}

export function rowsText(rows: readonly (readonly (string | null)[])[]): string {
  return rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join('\n');
}

function dateOf(microseconds: bigint): string {
  return datetimeText(timestampFromMicroseconds(microseconds));
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}
