import type { RowChange, RowValues } from '../changes/change.ts';
import type { Timestamp } from '../changes/timestamp.ts';
import { fillAbsent, keyText, keyValues, type CompactedLine, type Compaction } from './compaction.ts';

/**
 * A mirrored table with a key: the last image of each key wins, absent values are filled from earlier images.
 * Each key gives at most one line.
 */
export class MirrorCompaction implements Compaction {
  readonly #key: readonly number[];
  readonly #lines = new Map<string, CompactedLine>();

  constructor(keyOrdinals: readonly number[]) {
    this.#key = keyOrdinals;
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  clear(): void {
    this.#lines.clear();
  }

  lines(): Iterable<CompactedLine> {
    return this.#lines.values();
  }

  add(change: RowChange, index: number, at: Timestamp): void {
    if (change.after === null) {
      if (change.before !== null) this.#delete(change.before, index, at);
      return;
    }
    if (change.op === 'insert') {
      this.#upsert(keyText(change.after, this.#key), change.after, null, index, at);
      return;
    }
    this.#update(change.before, change.after, index, at);
  }

  #update(before: RowValues | null, after: RowValues, index: number, at: Timestamp): void {
    const newKey = keyText(after, this.#key);
    const oldKey = before === null ? newKey : keyText(before, this.#key);
    const stood = this.#lines.get(oldKey);
    const values = stood?.op === 'U' ? fillAbsent(after, stood.values) : after;
    const origin = stood === undefined ? keyValues(before ?? after, this.#key) : stood.op === 'U' ? stood.origin : null;
    if (oldKey !== newKey) this.#delete(before ?? after, index, at);
    this.#upsert(newKey, values, origin, index, at);
  }

  #upsert(key: string, values: RowValues, origin: readonly string[] | null, index: number, at: Timestamp): void {
    this.#lines.set(key, { op: 'U', index, at, values, origin, ordinal: 0 });
  }

  #delete(before: RowValues, index: number, at: Timestamp): void {
    this.#lines.set(keyText(before, this.#key), { op: 'D', index, at, values: before, ordinal: 0 });
  }
}
