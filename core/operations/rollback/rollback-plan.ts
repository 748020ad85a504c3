import type { TableRecord } from '../../catalog/records.ts';
import type { LedgerMarks } from '../../destinations/destination.ts';

/** A table whose rows are made anew from the extracts `from` … `upTo`. */
export interface TableReplay {
  readonly table: string;
  readonly from: number;
  readonly upTo: number;
}

/** A table that the rollback does not touch, and why. */
export interface LeftTable {
  readonly table: string;
  readonly reason: string;
}

export interface RollbackPlan {
  readonly replays: readonly TableReplay[];
  readonly left: readonly LeftTable[];
  /** Stopped tables that load again, from just before their first failure. */
  readonly resumed: readonly string[];
}

/**
 * Pure: what a rollback to just before extract `to` does to each table. No table goes back behind its copy: the copy holds what was
 * before it. A table without a key is left as it is: which of its rows came from where cannot be told, and what its extracts add
 * would be there twice.
 */
export function planRollback(
  to: number,
  tables: readonly string[],
  marks: LedgerMarks,
  records: ReadonlyMap<string, TableRecord>,
): RollbackPlan {
  const replays: TableReplay[] = [];
  const left: LeftTable[] = [];
  const resumed: string[] = [];
  for (const table of tables) {
    const planned = planTable(to, table, marks, records.get(table));
    if (typeof planned === 'string') left.push({ table, reason: planned });
    else replays.push(planned);
    if (mayResume(records.get(table), marks)) resumed.push(table);
  }
  return { replays, left, resumed };
}

function planTable(
  to: number,
  table: string,
  marks: LedgerMarks,
  record: TableRecord | undefined,
): TableReplay | string {
  if (record === undefined || record.schema === null) return 'it was never copied';
  const copied = marks.copies.get(table);
  if (copied === null || record.state.tag === 'new' || record.state.tag === 'copying')
    return 'its copy is not finished';
  if (record.schema.identity.tag === 'row') return 'it has no key: its rows cannot be told from those that are there';
  const upTo = marks.tables.get(table) ?? marks.applied ?? 0;
  const from = Math.max(to, (copied ?? 0) + 1);
  if (from <= upTo) return { table, from, upTo };
  if (copied !== undefined && copied >= upTo) return `its copy is newer: it was made behind extract ${copied}`;
  return `it stands at extract ${upTo}`;
}

function mayResume(record: TableRecord | undefined, marks: LedgerMarks): boolean {
  if (record === undefined || record.schema === null || record.state.tag !== 'stopped') return false;
  return marks.copies.get(record.table) !== null;
}
