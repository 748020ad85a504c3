import type { RowChange, RowValues } from '../changes/change.ts';
import type { Timestamp } from '../changes/timestamp.ts';
import { fillAbsent, keyText, keyValues, type CompactedLine, type Compaction } from './compaction.ts';

/**
 * A table kept with history: every change is a version. With `maxUpdates`, a key's versions beyond that number
 * are combined into its last one: the first maxUpdates − 1 and the last remain.
 */
export class HistoryCompaction implements Compaction {
  readonly #key: readonly number[];
  readonly #maxUpdates: number | null;
  readonly #versions = new Map<string, CompactedLine[]>();

  constructor(keyOrdinals: readonly number[], maxUpdates: number | null) {
    this.#key = keyOrdinals;
    this.#maxUpdates = maxUpdates;
  }

  get isEmpty(): boolean {
    return this.#versions.size === 0;
  }

  clear(): void {
    this.#versions.clear();
  }

  *lines(): Iterable<CompactedLine> {
    for (const versions of this.#versions.values()) yield* versions;
  }

  add(change: RowChange, index: number, at: Timestamp): void {
    if (change.after === null) {
      if (change.before !== null) this.#append({ op: 'D', index, at, values: change.before, ordinal: 0 });
      return;
    }
    if (change.op === 'insert') {
      this.#append({ op: 'U', index, at, values: change.after, origin: null, ordinal: 0 });
      return;
    }
    this.#update(change.before ?? change.after, change.after, index, at);
  }

  #update(before: RowValues, after: RowValues, index: number, at: Timestamp): void {
    const oldKey = keyText(before, this.#key);
    const moved = oldKey !== keyText(after, this.#key);
    const stood = this.#versions.get(oldKey)?.at(-1);
    const values = stood?.op === 'U' ? fillAbsent(after, stood.values) : after;
    const origin = stood === undefined ? keyValues(before, this.#key) : stood.op === 'U' ? stood.origin : null;
    if (moved) this.#append({ op: 'D', index, at, values: before, ordinal: 0 });
    this.#append({ op: 'U', index, at, values, origin, ordinal: 0 });
  }

  #append(line: CompactedLine): void {
    const key = keyText(line.values, this.#key);
    const versions = this.#versions.get(key);
    if (versions === undefined) {
      this.#versions.set(key, [line]);
      return;
    }
    if (this.#maxUpdates !== null && versions.length >= this.#maxUpdates) versions.pop();
    versions.push(line);
  }
}
