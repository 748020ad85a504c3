import type { RowChange } from '../../../changes/change.ts';
import { rowKeyOf } from '../../../changes/row-key.ts';
import { keyOrdinals } from '../../../changes/table-schema.ts';
import { canonicalRow } from '../../row-decoder.ts';
import { allRows, type Row } from '../../session.ts';
import { outputsOf } from '../describe.ts';
import { serverErrorNumber } from '../errors.ts';
import { conditionsOf } from '../fetch-rows.ts';
import type { LoggedTable } from '../logged-table.ts';
import type { Session } from '../server/session.ts';
import type { RowCondition } from '../statements/columns.ts';

/** A change of which the log does not tell some values. */
export interface AskedChange {
  readonly logged: LoggedTable;
  /** Of its transaction's commit. */
  readonly scn: string;
  readonly change: RowChange;
  /** Places of the values in the schema. */
  readonly ask: readonly number[];
  readonly rowId: string | null;
}

/** `untold`: the server does not know the row of that time any more. */
export type Answer =
  { readonly tag: 'change'; readonly change: RowChange } | { readonly tag: 'untold'; readonly reason: string };

/** Rows of one statement: large values of all of them are in memory at once. */
const MOST_ROWS = 100;

/** What a flashback is refused for: undo is gone, no such SCN, the table was altered, moved or dropped since, or has no such column. */
const TOO_LATE: ReadonlySet<number> = new Set([1555, 8180, 8181, 22924, 30052, 1466, 8103, 942, 904, 1410]);

/**
 * The values as they were when the transaction had committed. A row that was gone by then, or had another key, is told by a later change of the
 * same transaction: its values stay unknown, NULL in a new row.
 */
export async function askValues(session: Session, asked: readonly AskedChange[]): Promise<readonly Answer[]> {
  const answers = new Map<AskedChange, Answer>();
  for (const group of groupsOf(asked)) {
    try {
      const rows = await rowsOf(session, group);
      for (const one of group) answers.set(one, { tag: 'change', change: filled(one, rows.get(keyOf(one)) ?? null) });
    } catch (error) {
      if (!TOO_LATE.has(serverErrorNumber(error) ?? 0)) throw error;
      const code = `ORA-${(serverErrorNumber(error) ?? 0).toString().padStart(5, '0')}`;
      const reason = `values that the redo log does not hold cannot be asked as of SCN ${group[0]?.scn ?? ''} any more (${code})`;
      for (const one of group) answers.set(one, { tag: 'untold', reason });
    }
  }
  return asked.flatMap((one) => answers.get(one) ?? []);
}

/** Those that one statement can ask for: of one table and one SCN; of a table without a key each by itself. */
function groupsOf(asked: readonly AskedChange[]): AskedChange[][] {
  const groups: AskedChange[][] = [];
  for (const one of asked) {
    const last = groups.at(-1);
    const [first] = last ?? [];
    const fits = last !== undefined && last.length < MOST_ROWS && first?.logged === one.logged && first.scn === one.scn;
    if (fits && one.logged.hasKey) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

function keyOf({ logged, change, rowId }: AskedChange): string {
  return logged.hasKey ? rowKeyOf(logged.table.schema, change.after ?? []) : (rowId ?? '');
}

async function rowsOf(session: Session, group: readonly AskedChange[]): Promise<ReadonlyMap<string, Row>> {
  const found = new Map<string, Row>();
  const [first] = group;
  if (first === undefined) return found;
  const { logged, scn } = first;
  const { table } = logged;
  const key = keyOrdinals(table.schema);
  const keys = group.map(({ change }) => key.map((ordinal) => change.after?.[ordinal] ?? ''));
  const conditions: RowCondition[] = logged.hasKey
    ? conditionsOf(table, keys)
    : first.rowId === null
      ? []
      : [{ tag: 'rowIdIn', rowIds: [first.rowId] }];
  for (const condition of conditions) {
    const rows = await allRows(session, {
      ...{ tag: 'rows', table: table.schema.table, asOf: scn, columns: outputsOf(table) },
      ...{ conditions: [condition], orderBy: null },
    });
    for (const row of rows) {
      const { values } = canonicalRow(logged.decoders, row);
      found.set(logged.hasKey ? rowKeyOf(table.schema, values) : keyOf(first), row);
    }
  }
  return found;
}

/** `row`: output texts; null: it was not there. */
function filled({ logged, change, ask }: AskedChange, row: Row | null): RowChange {
  const after = [...(change.after ?? [])];
  let { misfit } = change;
  for (const place of ask) {
    const decoder = logged.decoders[place];
    if (decoder === undefined) continue;
    if (row === null) {
      if (change.op === 'insert') after[place] = null;
      continue;
    }
    const read = canonicalRow([decoder], [row[place] ?? null]);
    after[place] = read.values[0] ?? null;
    misfit ??= read.misfit;
  }
  return { ...change, after, misfit };
}
