import type { RowChange, RowValues } from '../changes/change.ts';
import { rowHash } from '../changes/row-digest.ts';
import type { Timestamp } from '../changes/timestamp.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { tableId } from '../changes/table-name.ts';
import type { CompactedLine, Compaction } from './compaction.ts';

interface Net {
  readonly values: RowValues;
  /** Copies added less copies removed. */
  count: number;
  index: number;
  at: Timestamp;
}

/**
 * A table without a key: rows are told apart by all their values, and what counts is how many of each stand there.
 * A net gain of n gives n `U` lines with ordinals 1…n, a net loss of n one `D` line with the ordinal n.
 */
export class RowCompaction implements Compaction {
  readonly #nets = new Map<string, Net>();

  get isEmpty(): boolean {
    return this.#nets.size === 0;
  }

  clear(): void {
    this.#nets.clear();
  }

  *lines(): Iterable<CompactedLine> {
    for (const { values, count, index, at } of this.#nets.values()) {
      for (let ordinal = 1; ordinal <= count; ordinal++) yield { op: 'U', index, at, values, origin: null, ordinal };
      if (count < 0) yield { op: 'D', index, at, values, ordinal: -count };
    }
  }

  add(change: RowChange, index: number, at: Timestamp): void {
    if (change.op !== 'insert') this.#count(change, change.before, -1, index, at);
    if (change.after !== null) this.#count(change, change.after, 1, index, at);
  }

  #count(change: RowChange, values: RowValues | null, by: 1 | -1, index: number, at: Timestamp): void {
    if (values === null || values.includes(undefined)) {
      const table = tableId(change.schema.table);
      throw new PenstockError('PS2011', `${table} has no key and the source sent a row of it without all its values`, {
        table,
      });
    }
    const hash = rowHash(values);
    const net = this.#nets.get(hash);
    if (net === undefined) this.#nets.set(hash, { values, count: by, index, at });
    else {
      net.count += by;
      net.index = index;
      net.at = at;
    }
  }
}
