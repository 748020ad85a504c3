import { tableId, type TableName } from '../../../changes/table-name.ts';
import type { TableSelection } from '../../source-connector.ts';

/** The chosen tables, found by the names that the log and its statements have. */
export class ChosenTables {
  readonly all: readonly TableName[];
  readonly #byName: ReadonlyMap<string, TableName>;
  readonly #foldsNames: boolean;

  /** `foldsNames`: the server compares names without case (lower_case_table_names 1 and 2). */
  constructor(tables: readonly TableSelection[], foldsNames: boolean) {
    this.#foldsNames = foldsNames;
    this.all = tables.map(({ table }) => table);
    this.#byName = new Map(this.all.map((table) => [this.#key(table), table]));
  }

  /** The chosen table of this name; null: it was not chosen. */
  find(table: TableName): TableName | null {
    return this.#byName.get(this.#key(table)) ?? null;
  }

  /** Null: in any. */
  inSchemas(schemas: readonly string[] | null): readonly TableName[] {
    if (schemas === null) return this.all;
    const wanted = new Set(schemas.map((schema) => this.#fold(schema)));
    return this.all.filter(({ schema }) => wanted.has(this.#fold(schema)));
  }

  #key(table: TableName): string {
    return this.#fold(tableId(table));
  }

  #fold(name: string): string {
    return this.#foldsNames ? name.toLowerCase() : name;
  }
}
