import type { Misfit, RowChange, RowValues } from '../changes/change.ts';
import { rowHash } from '../changes/row-digest.ts';
import { rowKeyOf } from '../changes/row-key.ts';
import type { TableSchema } from '../changes/table-schema.ts';

/** Characters of rows that are kept until their transaction ends, all tables together; a row counts as some more. */
const MOST_SIZE = 32 * 1024 * 1024;
const SIZE_OF_A_ROW = 200;

/** Equal rows that came to a key, less those that left it. */
interface Net {
  readonly values: RowValues;
  count: number;
  misfit: Misfit | null;
}

interface Table {
  schema: TableSchema;
  /** By key that a row came to, by row. */
  readonly keys: Map<string, Map<string, Net>>;
  size: number;
  /** Rows that came to keys were told, and are not known any more. */
  isForgotten: boolean;
}

/** `isUntold`: it cannot be told whether the row that left a key, or was changed there, is the one that came to it. */
export interface ToldChanges {
  readonly changes: readonly RowChange[];
  readonly isUntold: boolean;
}

/**
 * Changes of tables whose key the server does not look at row by row: a deferrable constraint, a chosen key without one. Inside a transaction two
 * rows may have one key (`SET id = id + 1`, a swap, a new row before the old one goes), and the log tells of `1 → 2`, `2 → 3` just the same
 * whether one row moved on or each of two. What stands at a key in the end is the same for both: what was there before, and all rows that
 * came less all that left, equal rows being one. So keys that rows come to are told at the end of the transaction, each once.
 *
 * Rows must be whole, old and new.
 */
export class LateKeys {
  readonly #tables = new Map<number, Table>();
  readonly #most: number;
  #size = 0;

  constructor(most = MOST_SIZE) {
    this.#most = most;
  }

  /** `table`: any number of the caller's. `change`: an update has `before`, also where it left the key as it was. */
  add(table: number, change: RowChange): ToldChanges {
    const known = this.#tables.get(table) ?? { schema: change.schema, keys: new Map(), size: 0, isForgotten: false };
    this.#tables.set(table, known);
    const isOver = known.schema !== change.schema || this.#size > this.#most;
    const told = isOver ? this.forget(table) : [];
    known.schema = change.schema;
    if (known.isForgotten)
      return change.before === null
        ? { changes: [...told, change], isUntold: false }
        : { changes: told, isUntold: true };
    return { changes: [...told, ...this.#change(known, change)], isUntold: false };
  }

  /** @returns what can be told at once: the only row that had its key is changed there, or leaves it */
  #change(table: Table, change: RowChange): RowChange[] {
    const { schema, before, after, misfit } = change;
    const left = before === null ? null : rowKeyOf(schema, before);
    const came = after === null ? null : rowKeyOf(schema, after);
    const isOnly = left === null || !table.keys.has(left);
    if (isOnly && left === came) return [{ ...change, before: null }];
    if (before !== null && left !== null && !isOnly) this.#count(table, left, before, -1, null);
    if (after !== null && came !== null) this.#count(table, came, after, 1, misfit);
    return before !== null && isOnly ? [deletion(schema, before)] : [];
  }

  /** The table gets another structure, and later rows cannot be compared with those that came before. @returns what is told of these */
  forget(table: number): RowChange[] {
    const known = this.#tables.get(table);
    if (known === undefined) return [];
    const told = this.#end(known);
    known.isForgotten ||= told.length > 0;
    return told;
  }

  /** The table was emptied. */
  truncate(table: number): void {
    const known = this.#tables.get(table);
    if (known === undefined) return;
    this.#end(known);
    this.#tables.delete(table);
  }

  /** The end of the transaction. */
  end(): RowChange[] {
    if (this.#tables.size === 0) return [];
    const told = [...this.#tables.values()].flatMap((table) => this.#end(table));
    this.#tables.clear();
    return told;
  }

  #count(table: Table, key: string, values: RowValues, by: 1 | -1, misfit: Misfit | null): void {
    const rows = table.keys.get(key) ?? new Map<string, Net>();
    table.keys.set(key, rows);
    const hash = rowHash(values);
    const net = rows.get(hash);
    if (net !== undefined) {
      net.count += by;
      net.misfit ??= misfit;
      return;
    }
    rows.set(hash, { values, count: by, misfit });
    const size = values.reduce((sum, value) => sum + (value?.length ?? 0), SIZE_OF_A_ROW);
    table.size += size;
    this.#size += size;
  }

  #end(table: Table): RowChange[] {
    const told = [...table.keys.values()].flatMap((rows) => stands(table.schema, [...rows.values()]));
    table.keys.clear();
    this.#size -= table.size;
    table.size = 0;
    return told;
  }
}

/** What becomes of a key. Several rows: a chosen key is not unique, and the last one has it. */
function stands(schema: TableSchema, rows: readonly Net[]): RowChange[] {
  const gone = rows.find(({ count }) => count < 0) ?? null;
  const there = rows.filter(({ count }) => count > 0);
  if (there.length === 0) return gone === null ? [] : [deletion(schema, gone.values)];
  const op = gone === null ? 'insert' : 'update';
  return there.map(({ values, misfit }) => ({ schema, op, before: null, after: values, misfit }));
}

function deletion(schema: TableSchema, before: RowValues): RowChange {
  return { schema, op: 'delete', before, after: null, misfit: null };
}
