import type { Misfit, RowChange } from '../../../changes/change.ts';
import { rowKeyOf } from '../../../changes/row-key.ts';
import { keyOrdinals } from '../../../changes/table-schema.ts';
import { canonicalRow } from '../../row-decoder.ts';
import { serverErrorNumber } from '../errors.ts';
import { conditionsOf, rowsWhere } from '../fetch-rows.ts';
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

/** The row as the transaction left it. */
export type Answer =
  | { readonly tag: 'row'; readonly values: readonly (string | null)[]; readonly misfit: Misfit | null }
  /** It was there no more, or had another key. */
  | { readonly tag: 'gone' }
  /** The server does not know the row of that time any more. */
  | { readonly tag: 'untold'; readonly reason: string };

/** What a flashback is refused for: undo is gone, no such SCN, the table was altered, moved or dropped since, or has no such column. */
const TOO_LATE: ReadonlySet<number> = new Set([1555, 8180, 8181, 22924, 30052, 1466, 8103, 942, 904, 1410]);

/** The rows as they were when their transactions had committed: an earlier state of theirs cannot be asked for. */
export async function askValues(session: Session, asked: readonly AskedChange[]): Promise<readonly Answer[]> {
  const answers = new Map<AskedChange, Answer>();
  for (const group of groupsOf(asked)) {
    try {
      const rows = await rowsOf(session, group);
      for (const one of group) answers.set(one, rows.get(keyOf(one)) ?? { tag: 'gone' });
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
    const fits = last !== undefined && first?.logged === one.logged && first.scn === one.scn;
    if (fits && one.logged.hasKey) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

function keyOf({ logged, change, rowId }: AskedChange): string {
  return logged.hasKey ? rowKeyOf(logged.table.schema, change.after ?? []) : (rowId ?? '');
}

async function rowsOf(session: Session, group: readonly AskedChange[]): Promise<ReadonlyMap<string, Answer>> {
  const found = new Map<string, Answer>();
  const [first] = group;
  if (first === undefined) return found;
  const { logged, scn } = first;
  const { table } = logged;
  const wanted = new Set(group.map(keyOf));
  const key = keyOrdinals(table.schema);
  const keys = group.map(({ change }) => key.map((ordinal) => change.after?.[ordinal] ?? ''));
  const conditions: RowCondition[] = logged.hasKey
    ? conditionsOf(table, keys)
    : first.rowId === null
      ? []
      : [{ tag: 'rowIdIn', rowIds: [first.rowId] }];
  for (const condition of conditions) {
    for await (const rows of session.read(rowsWhere(table, condition, scn))) {
      for (const row of rows) {
        const { values, misfit } = canonicalRow(logged.decoders, row);
        const of = logged.hasKey ? rowKeyOf(table.schema, values) : keyOf(first);
        // The server's own comparison may find more.
        if (wanted.has(of)) found.set(of, { tag: 'row', values, misfit });
      }
    }
  }
  return found;
}
