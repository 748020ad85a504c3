import { tableId } from '../../../changes/table-name.ts';
import type { TableSelection } from '../../source-connector.ts';
import type { LoggedTable } from '../logged-table.ts';
import type { Unreadable } from '../logged-table-resolver.ts';
import type { MinedTable } from '../mining/mined-table.ts';

/** The chosen tables, found by what the redo log calls them: its numbers, or a name where there is one. */
export class FollowedTables {
  readonly #selections: ReadonlyMap<string, TableSelection>;
  readonly #container: string | null;
  readonly #objects = new Map<string, string>();
  readonly #tables = new Map<string, LoggedTable | Unreadable>();

  /** `container`: the pluggable database of which all rows are; null: the log does not say, or there is but one. */
  constructor(selections: readonly TableSelection[], container: string | null) {
    this.#selections = new Map(selections.map((selection) => [tableId(selection.table), selection]));
    this.#container = container;
  }

  get selections(): readonly TableSelection[] {
    return [...this.#selections.values()];
  }

  /** Numbers of all that is followed. */
  get objects(): readonly string[] {
    return [...this.#objects.keys()];
  }

  /** The table's id; null: it was not chosen. */
  find({ container, owner, name, id }: MinedTable): string | null {
    if (this.#container !== null && container?.name !== this.#container) return null;
    const known = id === null ? undefined : this.#objects.get(id);
    if (known !== undefined) return known;
    if (owner === null || name === null) return null;
    const named = tableId({ schema: owner, name });
    return this.#selections.has(named) ? named : null;
  }

  selection(id: string): TableSelection {
    const selection = this.#selections.get(id);
    if (selection === undefined) throw new Error(`${id} was not chosen`);
    return selection;
  }

  table(id: string): LoggedTable | Unreadable | undefined {
    return this.#tables.get(id);
  }

  setTable(id: string, table: LoggedTable | Unreadable): void {
    this.#tables.set(id, table);
  }

  addObjects(objects: readonly (readonly [object: string, id: string])[]): void {
    for (const [object, id] of objects) this.#objects.set(object, id);
  }

  /** The numbers that a table has from now on; what it had before is another table's, or nobody's. */
  replaceObjects(id: string, objects: readonly (readonly [object: string, id: string])[]): void {
    for (const [object, of] of this.#objects) if (of === id) this.#objects.delete(object);
    this.addObjects(objects);
  }
}
