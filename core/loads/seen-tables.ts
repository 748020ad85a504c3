import type { TableRecord } from '../catalog/records.ts';
import { TableNumbers } from '../catalog/table-numbers.ts';

/** How long records are not read again, in milliseconds: should a process have written one after it had lost its lease. */
const FRESH_MILLISECONDS = 60_000;

/**
 * The tables' records as one loader left them, for the next one of the same process. Only who holds the loader's lease writes them, and
 * each holder has an epoch of its own: nobody wrote them if the next lease has the next epoch, or the same, see ReusedLease.
 */
export class SeenTables {
  readonly numbers = new TableNumbers();
  #seen: {
    readonly epoch: number;
    readonly readAt: number;
    readonly tables: ReadonlyMap<string, TableRecord>;
  } | null = null;

  /** What was left for the holder of a lease of this epoch; null: it has to read them. They are given out once. */
  take(epoch: number, now: number): { readonly readAt: number; readonly tables: Map<string, TableRecord> } | null {
    const seen = this.#seen;
    this.#seen = null;
    if (seen === null || (seen.epoch !== epoch && seen.epoch + 1 !== epoch) || now - seen.readAt >= FRESH_MILLISECONDS)
      return null;
    return { readAt: seen.readAt, tables: new Map(seen.tables) };
  }

  /** `readAt`: when they were read from the catalog, in milliseconds. */
  leave(epoch: number, readAt: number, tables: ReadonlyMap<string, TableRecord>): void {
    this.#seen = { epoch, readAt, tables };
  }
}
