import type { LoggedTable } from '../logged-table.ts';
import type { LobChange } from '../mining/parsed-changes.ts';
import type { RedoImage, RedoStatement, RedoValue } from '../redo/redo-statement.ts';
import type { ReadRow } from '../row-reader.ts';

const UNTOLD: RedoValue = { tag: 'unsupported' };

/** A large value, as an update of its row that names it alone; where nobody knows which, all that there are. Null: the table has none. */
export function lobUpdate(
  logged: LoggedTable,
  { column, where, content, rowId }: LobChange,
): Extract<RedoStatement, { readonly op: 'update' }> | null {
  const names = column === null ? largeColumns(logged) : isTold(logged, column) ? [column] : [];
  if (names.length === 0) return null;
  const value: RedoValue = content ?? UNTOLD;
  const known = [...where.names.keys()].filter((index) => !names.includes(where.names[index] ?? ''));
  const image: RedoImage = {
    names: known.map((index) => where.names[index] ?? ''),
    values: known.flatMap((index) => where.values[index] ?? []),
  };
  const set: RedoImage = { names, values: names.map(() => value) };
  const { schema, name } = logged.table.source.table;
  return { op: 'update', table: { owner: schema, name }, set, where: image, rowId };
}

/** Whether a statement sets nothing but large values. */
export function isOfLarge(logged: LoggedTable, statement: RedoStatement): boolean {
  if (statement.op !== 'update') return false;
  const large = largeColumns(logged);
  return large.length > 0 && statement.set.names.every((name) => large.includes(name));
}

/** A row that gets another key may have been new in this transaction: large values that were asked for by its old key were not found. */
export function movedValues(logged: LoggedTable, read: Extract<ReadRow, { readonly tag: 'change' }>): number[] {
  const { change, ask } = read;
  if (!logged.hasKey || change.op !== 'update' || change.before === null) return [];
  return [...logged.isLarge.keys()].filter(
    (place) => logged.isLarge[place] === true && change.after?.[place] === undefined && !ask.includes(place),
  );
}

/** Pieces may tell a value of any type. */
function isTold({ table }: LoggedTable, name: string): boolean {
  return table.columns.some(({ source, isMasked }) => source.name === name && !isMasked);
}

function largeColumns({ table, isLarge }: LoggedTable): string[] {
  return table.columns.filter((_, place) => isLarge[place] === true).map(({ source }) => source.name);
}
