import { rangeHolds, type CopyMark } from '../changes/copy-mark.ts';
import type { RowChange, RowValues } from '../changes/change.ts';

/**
 * Leaves out what a table's copy holds already: changes of transactions that were visible in the snapshot of the chunk
 * that the row belongs to. A change of key concerns two chunks, which may have been copied at different places.
 */
export class CopyFilter {
  readonly #marks: readonly CopyMark[];
  readonly #least: string;
  readonly #greatest: string;

  constructor(marks: readonly CopyMark[]) {
    this.#marks = marks;
    const orders = marks.map((mark) => mark.order).sort();
    this.#least = orders[0] ?? '';
    this.#greatest = orders.at(-1) ?? '';
  }

  /** True as soon as no later transaction can be in the copy. `order`: of a begin event. */
  isPast(order: string): boolean {
    return order >= this.#greatest;
  }

  /** The change as far as the copy does not hold it; null when the copy holds all of it. */
  remainder(change: RowChange, order: string): RowChange | null {
    if (order >= this.#greatest) return change;
    if (order < this.#least) return null;
    const beforeCopied = change.before !== null && this.#copied(change, change.before, order);
    const afterCopied = change.after !== null && this.#copied(change, change.after, order);
    if (change.after === null) return beforeCopied ? null : change;
    if (change.before === null) return afterCopied ? null : change;
    if (beforeCopied && afterCopied) return null;
    if (beforeCopied) return { ...change, op: 'insert', before: null };
    if (afterCopied) return { ...change, op: 'delete', after: null, misfit: null };
    return change;
  }

  /**
   * How much of the copy saw a truncate at `order`: chunks that were copied later did, and those before did not.
   * `some`: it cannot be applied, for it would take the rows with it that came after it into the later chunks.
   */
  truncateSeenBy(order: string): 'none' | 'some' | 'all' {
    if (order < this.#least) return 'all';
    return order < this.#greatest ? 'some' : 'none';
  }

  #copied(change: RowChange, values: RowValues, order: string): boolean {
    return this.#marks.some((mark) => order < mark.order && this.#holds(change, values, mark));
  }

  #holds(change: RowChange, values: RowValues, { range }: CopyMark): boolean {
    if (range.tag !== 'key') return true;
    const ordinal = change.schema.columns.findIndex((column) => column.name === range.column);
    const value = values[ordinal];
    return typeof value === 'string' && rangeHolds(range, value);
  }
}
