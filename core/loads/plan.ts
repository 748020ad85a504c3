import type { LedgerMarks } from '../destinations/destination.ts';

/** A table as the catalog knows it: whether loads may apply to it. */
export interface TableStanding {
  readonly table: string;
  /** `following`: loaded. `stopped`: its mark stays where it is. `waiting`: new or being copied; its copy will set its mark. */
  readonly state: 'following' | 'stopped' | 'waiting';
}

/** Which tables an extract is applied to, and what becomes of the marks with it. */
export interface ExtractPlan {
  readonly extract: number;
  readonly include: ReadonlySet<string>;
  readonly tableMarks: readonly { readonly table: string; readonly applied: number | null }[];
}

/** One table that is behind the pipeline and what it has to catch up with: extracts after `from` up to `to`. */
export interface CatchUp {
  readonly table: string;
  readonly from: number;
  readonly to: number;
}

/** Tables that follow again and stand behind the pipeline's mark: they catch up first, each alone. */
export function planCatchUps(marks: LedgerMarks, tables: readonly TableStanding[]): CatchUp[] {
  const applied = marks.applied ?? 0;
  return tables.flatMap(({ table, state }) => {
    const own = marks.tables.get(table);
    return state === 'following' && own !== undefined && own < applied ? [{ table, from: own, to: applied }] : [];
  });
}

/** The plan for the extract after the pipeline's mark. Tables that are behind were caught up before. */
export function planExtract(marks: LedgerMarks, tables: readonly TableStanding[]): ExtractPlan {
  const extract = (marks.applied ?? 0) + 1;
  const include = new Set<string>();
  const tableMarks: { table: string; applied: number | null }[] = [];
  for (const { table, state } of tables) {
    const own = marks.tables.get(table);
    if (state === 'following') {
      if (own === undefined || own === extract - 1) include.add(table);
      if (own === extract - 1 || own === extract) tableMarks.push({ table, applied: null });
    } else if (state === 'stopped' && own === undefined) {
      tableMarks.push({ table, applied: extract - 1 });
    }
  }
  return { extract, include, tableMarks };
}

/** The marks after a step was committed. */
export function marksAfter(
  marks: LedgerMarks,
  applied: number | null,
  tableMarks: readonly { readonly table: string; readonly applied: number | null }[],
): LedgerMarks {
  const tables = new Map(marks.tables);
  for (const mark of tableMarks) {
    if (mark.applied === null) tables.delete(mark.table);
    else tables.set(mark.table, mark.applied);
  }
  return { ...marks, applied, tables };
}

/** Whether the ledger stands where it was known to stand; epochs aside. */
export function sameMarks(a: LedgerMarks, b: LedgerMarks): boolean {
  if (a.applied !== b.applied || a.tables.size !== b.tables.size) return false;
  return [...a.tables].every(([table, applied]) => b.tables.get(table) === applied);
}
