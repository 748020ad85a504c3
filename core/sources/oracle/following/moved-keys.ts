import { rowKeyOf } from '../../../changes/row-key.ts';
import type { RowChange, RowValues } from '../../../changes/change.ts';
import { PLACEHOLDER_ROW_ID } from '../mining/survivors.ts';
import type { AskedChange } from './asked-values.ts';

/** Keys that rows came to and that nobody left since, of all tables. */
const MOST_KEYS = 100_000;

/**
 * `told`: as it stands. `passed`: of a row that has to leave its key still. `left`: the row leaves its key to one that has come there (`change`: a
 * delete of the key); `row`: where it goes to, as a new row there; null: nowhere.
 */
export type PlacedChange =
  | { readonly tag: 'told'; readonly row: AskedChange }
  | { readonly tag: 'passed' }
  | { readonly tag: 'left'; readonly change: RowChange; readonly row: AskedChange | null }
  | { readonly tag: 'untold'; readonly reason: string };

const PASSED: PlacedChange = { tag: 'passed' };

/**
 * Which row has a key while a transaction changes keys. The server looks for keys that are there twice at the end of a statement only, or of the
 * transaction (`SET id = id + 1`, a swap of two): a row may come to a key before the one that has it leaves it. Told by their keys alone, the
 * row that leaves would take the one that came with it. They are told apart by their ROWIDs: what becomes of the row that has to leave is told
 * where it arrives, as a new row; whoever came has put its values in the place of the old ones.
 *
 * So it is where the server moves a row to another place (SHRINK SPACE, a partition key) and writes it there before it takes it away here: nobody
 * says in which order it does.
 */
export class MovedKeys {
  /** By table and key the ROWID of the row that came to it; null: it is not told. */
  readonly #came = new Map<string, string | null>();
  /** The change before this one, where it was an insert. */
  #inserted: AskedChange | null = null;

  clear(): void {
    this.#came.clear();
    this.#inserted = null;
  }

  place(row: AskedChange): PlacedChange {
    const { logged, change } = row;
    const inserted = this.#inserted;
    this.#inserted = change.op === 'insert' ? row : null;
    if (!logged.hasKey) return { tag: 'told', row };
    if (change.op === 'delete' && inserted?.logged === logged && isMoved(inserted, row))
      return { tag: 'left', change, row: null };
    if (change.op === 'insert') {
      if (this.#came.size > 0) this.#arrive(row, false);
      return { tag: 'told', row };
    }
    if (change.op === 'update' && change.before === null) return this.#stay(row);
    if (change.op === 'delete' && this.#came.size === 0) return { tag: 'told', row };
    return this.#leave(row);
  }

  /** The row keeps its key. */
  #stay(row: AskedChange): PlacedChange {
    if (this.#came.size === 0) return { tag: 'told', row };
    const came = this.#came.get(keyOf(row, row.change.after)) ?? null;
    const own = rowIdOf(row);
    return came === null || own === null || came === own ? { tag: 'told', row } : PASSED;
  }

  #leave(row: AskedChange): PlacedChange {
    const { change } = row;
    const key = keyOf(row, change.before);
    const came = this.#came.get(key);
    const own = rowIdOf(row);
    if (came !== undefined) {
      this.#came.delete(key);
      if (came === null || own === null)
        return { tag: 'untold', reason: 'a row got a key and one left it, and the redo log does not tell which' };
    }
    if (change.after !== null && !this.#arrive(row, true))
      return { tag: 'untold', reason: `more than ${MOST_KEYS} rows got other keys in one transaction` };
    if (came === undefined || came === own) return { tag: 'told', row };
    const left: RowChange = { ...change, op: 'delete', after: null, misfit: null };
    return { tag: 'left', change: left, row: change.after === null ? null : asNew(row) };
  }

  /** `isNew`: whether a key that nobody came to before counts. @returns whether there was room for it */
  #arrive(row: AskedChange, isNew: boolean): boolean {
    const key = keyOf(row, row.change.after);
    if (this.#came.has(key) || isNew) this.#came.set(key, rowIdOf(row));
    return this.#came.size <= MOST_KEYS;
  }
}

/** Whether the row that goes is the one that was written elsewhere right before. */
function isMoved(inserted: AskedChange, gone: AskedChange): boolean {
  const [came, left] = [rowIdOf(inserted), rowIdOf(gone)];
  if (came === null || left === null || came === left) return false;
  return keyOf(inserted, inserted.change.after) === keyOf(gone, gone.change.before);
}

function keyOf({ logged, change }: AskedChange, values: RowValues | null): string {
  return `${logged.id} ${rowKeyOf(change.schema, values ?? [])}`;
}

/** Those of other tables than heaps change with the row, or are guesses. */
function rowIdOf({ logged, rowId }: AskedChange): string | null {
  return logged.table.source.kind !== 'heap' || rowId === '' || rowId === PLACEHOLDER_ROW_ID ? null : rowId;
}

/** What was not told of it cannot come from the row that has its old key now. */
function asNew(row: AskedChange): AskedChange {
  const { change } = row;
  const absent = [...(change.after ?? []).keys()].filter((place) => change.after?.[place] === undefined);
  return {
    ...row,
    change: { ...change, op: 'insert', before: null },
    ask: [...new Set([...row.ask, ...absent])],
  };
}
