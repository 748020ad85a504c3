import type { RowChange, RowValues } from '../changes/change.ts';
import type { Timestamp } from '../changes/timestamp.ts';

/** One line of a part before it is encoded. */
export type CompactedLine =
  | {
      readonly op: 'U';
      readonly index: number;
      readonly at: Timestamp;
      readonly values: RowValues;
      /** The key under which the row stood at the destination before this part; null when it did not. */
      readonly origin: readonly string[] | null;
      /** 1…n for a table without a key, else 0. */
      readonly ordinal: number;
    }
  | {
      readonly op: 'D';
      readonly index: number;
      readonly at: Timestamp;
      readonly values: RowValues;
      readonly ordinal: number;
    };

/** Takes the changes of one table in order and gives the lines that have the same effect. */
export interface Compaction {
  add(change: RowChange, index: number, at: Timestamp): void;
  /** Forgets everything: the rows before a truncate do not matter. */
  clear(): void;
  lines(): Iterable<CompactedLine>;
  readonly isEmpty: boolean;
}

/** Key values as one map key; the length keeps ('a','b,c') and ('a,b','c') apart. */
export function keyText(values: RowValues, ordinals: readonly number[]): string {
  let text = '';
  for (const ordinal of ordinals) {
    const value = values[ordinal];
    text += value === null || value === undefined ? '-' : `${value.length}:${value}`;
  }
  return text;
}

export function keyValues(values: RowValues, ordinals: readonly number[]): string[] {
  return ordinals.map((ordinal) => values[ordinal] ?? '');
}

/** `newer` with what it lacks taken from `older`. */
export function fillAbsent(newer: RowValues, older: RowValues): RowValues {
  return newer.includes(undefined) ? newer.map((value, index) => (value === undefined ? older[index] : value)) : newer;
}
