import type { MinedRow } from './mined-row.ts';

/** A table as LogMiner names it. After DDL the names may be `UNKNOWN` and `OBJ# 4711`, or null; the number stays. */
export interface MinedTable {
  readonly container: { readonly id: number; readonly name: string } | null;
  readonly owner: string | null;
  readonly name: string | null;
  /** DATA_OBJ#: of a partition its own. */
  readonly id: string | null;
  /** DATA_OBJV#: grows with the table's structure. */
  readonly version: string | null;
}

/** The tables that were met, numbered, so that a record need not hold their names. As many as there are tables and versions of them. */
export class MinedTables {
  readonly #follows: (table: MinedTable) => boolean;
  readonly #tables: MinedTable[] = [];
  readonly #numbers = new Map<string, number | null>();

  /** `follows`: whether anybody wants changes of the table. Asked once for each. */
  constructor(follows: (table: MinedTable) => boolean) {
    this.#follows = follows;
  }

  /** @returns null: nobody wants its changes */
  number(row: MinedRow): number | null {
    const { container, owner, table, object } = row;
    const key = `${container?.id ?? 0}|${object.id ?? ''}|${object.version ?? ''}|${owner ?? ''}|${table ?? ''}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const met = { container, owner, name: table, id: object.id, version: object.version };
    const number = this.#follows(met) ? this.#tables.push(met) - 1 : null;
    this.#numbers.set(key, number);
    return number;
  }

  of(number: number): MinedTable {
    const table = this.#tables[number];
    if (table === undefined) throw new Error('a record of a table that was never met');
    return table;
  }
}
