import { tableNamed, type Values } from './tables.ts';

/** A row that a transaction changed; null: it was not there before, or is not there any more. */
export interface RowEdit {
  readonly table: string;
  readonly before: Values | null;
  readonly after: Values | null;
}

/** A transaction that was committed. */
export interface Committed {
  readonly scn: bigint;
  readonly thread: number;
  /** Of followed tables, in order, without what was taken back. */
  readonly edits: readonly RowEdit[];
  /** Whether something of rows with large values was taken back. */
  readonly hasUndoneLarge: boolean;
}

/** What the source has done, in the order of the commits. */
export class History {
  readonly committed: Committed[] = [];

  /** Of the first transaction behind an SCN. */
  indexBehind(scn: bigint): number {
    const found = this.committed.findIndex((transaction) => transaction.scn > scn);
    return found < 0 ? this.committed.length : found;
  }
}

/** Rows of tables with keys, by table and key. */
export type RowStates = Map<string, Values>;

export function keyOf(table: string, values: Values): string {
  return `${table} ${values[0] ?? ''}`;
}

/** The rows when so many transactions were committed. */
export function rowsAt({ committed }: History, index: number): RowStates {
  const rows: RowStates = new Map();
  for (const { edits } of committed.slice(0, index)) applyEdits(rows, edits);
  return rows;
}

export function applyEdits(rows: RowStates, edits: readonly RowEdit[]): void {
  for (const { table, before, after } of edits) {
    if (!tableNamed(table).hasKey) continue;
    if (before !== null) rows.delete(keyOf(table, before));
    if (after !== null) rows.set(keyOf(table, after), after);
  }
}
