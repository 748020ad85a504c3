import type { MinedRow } from './mined-row.ts';
import { compareScns, laterScn } from './scn.ts';

/**
 * How many rows of a log were met, by what a row is in every reading of it: not the sequence number of its transaction, nor names or a text, of which
 * LogMiner may know more in one reading than in another.
 */
export class RowCounts {
  readonly #counts = new Map<string, { readonly scn: string; count: number }>();
  /** The greatest SCN of those that were forgotten; null: none was. */
  #forgotten: string | null = null;

  static of(rows: readonly MinedRow[]): RowCounts {
    const counts = new RowCounts();
    for (const row of rows) counts.add(row);
    return counts;
  }

  /** @returns how many of its kind there are with it */
  add(row: MinedRow): number {
    const key = keyOf(row);
    const known = this.#counts.get(key);
    if (known !== undefined) return ++known.count;
    this.#counts.set(key, { scn: row.scn, count: 1 });
    return 1;
  }

  count(row: MinedRow): number {
    return this.#counts.get(keyOf(row))?.count ?? 0;
  }

  /** Whether the row, the `number`-th of its kind, is new; it is not any more from now on. */
  admit(row: MinedRow, number: number): boolean {
    return number > this.count(row) && this.add(row) > 0;
  }

  /** The greater of both counts of each kind. */
  merged(other: RowCounts): RowCounts {
    const all = new RowCounts();
    for (const counts of [this, other]) {
      for (const [key, { scn, count }] of counts.#counts)
        all.#counts.set(key, { scn, count: Math.max(count, all.#counts.get(key)?.count ?? 0) });
    }
    return all;
  }

  /** Rows with lower SCNs do not come again. @returns false where some that were forgotten earlier may come again */
  forgetBelow(from: string): boolean {
    const isExact = this.#forgotten === null || compareScns(this.#forgotten, from) < 0;
    for (const [key, { scn }] of this.#counts) {
      if (compareScns(scn, from) >= 0) continue;
      this.#counts.delete(key);
      this.#forgotten = laterScn(this.#forgotten ?? scn, scn);
    }
    return isExact;
  }
}

function keyOf({ scn, rsId, ssn, operation, isUndo, transaction, container, object, rowId }: MinedRow): string {
  const { segment, slot } = transaction;
  return `${scn} ${rsId} ${ssn} ${operation}${isUndo ? '-' : ''} ${container?.id ?? 0}:${segment}.${slot} ${object.id ?? ''} ${rowId ?? ''}`;
}
