import type { MinedRow } from './mined-row.ts';
import { OPERATION } from './row-record.ts';

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

/** Whether LogMiner's dictionary does not know the table as it was. */
export function isUnnamed({ owner, name }: MinedTable): boolean {
  return owner === null || name === null || owner === 'UNKNOWN' || name.startsWith('OBJ# ');
}

/** Whether changes of a table are wanted, however LogMiner names it. `isStatement`: one of structure. */
export type Follows = (table: MinedTable, isStatement: boolean) => boolean;

/** The tables that were met, numbered, so that a record need not hold their names. As many as there are tables and versions of them. */
export class MinedTables {
  readonly #follows: Follows;
  readonly #tables: MinedTable[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #unwanted = new Set<string>();

  /** `follows`: asked once for each that has a name, and again and again for others: what they are may be learnt. */
  constructor(follows: Follows) {
    this.#follows = follows;
  }

  /** @returns null: nobody wants its changes */
  number(row: MinedRow): number | null {
    const { container, owner, table, object } = row;
    const key = `${container?.id ?? 0}|${object.id ?? ''}|${object.version ?? ''}|${owner ?? ''}|${table ?? ''}`;
    if (this.#unwanted.has(key)) return null;
    const met = { container, owner, name: table, id: object.id, version: object.version };
    const known = this.#numbers.get(key);
    if (known !== undefined && !isUnnamed(met)) return known;
    if (!this.#follows(met, row.operation === OPERATION.ddl)) {
      if (!isUnnamed(met)) this.#unwanted.add(key);
      return null;
    }
    const number = known ?? this.#tables.push(met) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  of(number: number): MinedTable {
    const table = this.#tables[number];
    if (table === undefined) throw new Error('a record of a table that was never met');
    return table;
  }
}
