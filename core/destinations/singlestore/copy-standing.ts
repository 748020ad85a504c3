/**
 * How far a copy is. `preparing`: its table is being made. `loading`: chunks go in. `numbering`: equal rows of a table
 * without a key are being numbered. `swapping`: it takes the target's place. `done`: it did, and the table's mark is set.
 * `rebuilding`: it was done, and the table that was made anew from its rows takes its place.
 */
export type CopyState = 'none' | 'preparing' | 'loading' | 'numbering' | 'swapping' | 'done' | 'rebuilding';

export interface CopyStanding {
  readonly generation: number;
  readonly state: CopyState;
}

const COPY_STATES: readonly CopyState[] = [
  'none',
  'preparing',
  'loading',
  'numbering',
  'swapping',
  'done',
  'rebuilding',
];

/** The state as the ledger has it. */
export function copyState(text: string): CopyState {
  return COPY_STATES.find((state) => state === text) ?? 'none';
}
