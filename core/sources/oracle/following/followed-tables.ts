import { tableId } from '../../../changes/table-name.ts';
import type { TableSelection } from '../../source-connector.ts';
import { behindScn } from '../mining/mined-place.ts';
import { isUnnamed, type MinedTable } from '../mining/mined-table.ts';
import type { AddedColumn } from './added-columns.ts';
import type { Described, FollowedTable } from './followed-table.ts';
import { KnownParts } from './known-parts.ts';
import { MOST_KEPT } from './most-kept.ts';
import { mostKept, printKept, type KeptTable } from './table-structure.ts';

/** The chosen tables, found by what the redo log calls them: its numbers, or a name where there is one. */
export class FollowedTables {
  readonly #tables: ReadonlyMap<string, FollowedTable>;
  readonly #container: string | null;
  readonly #objects = new Map<string, string>();
  /** Numbers of tables that were chosen once, and in whose place there are others now. */
  readonly #former = new Set<string>();
  /** Numbers that nobody knew when they were met, and that the catalog was asked for since. */
  readonly #strangers = new Set<string>();
  /** Numbers of chosen tables that the catalog told of since reading began, and of which no row was met yet. */
  readonly #unmet = new Set<string>();
  readonly #unsettled = new Set<FollowedTable>();
  readonly #parts = new KnownParts();
  /** Tables that positions remember, those that came to it first before the others. */
  readonly #remembered: Set<string>;
  #kept: string | null = null;

  /** `container`: the pluggable database of which all rows are; null: the log does not say, or there is but one. */
  constructor(tables: readonly FollowedTable[], container: string | null) {
    this.#tables = new Map(tables.map((table) => [tableId(table.selection.table), table]));
    this.#container = container;
    for (const table of tables) if (table.settlesBehind !== null) this.#unsettled.add(table);
    const known = tables.filter(({ kept }) => kept !== null);
    this.#remembered = new Set(mostKept([...known, ...tables]).map(({ selection }) => tableId(selection.table)));
  }

  get selections(): readonly TableSelection[] {
    return [...this.#tables.values()].map(({ selection }) => selection);
  }

  /** Numbers of all that is followed. */
  get objects(): readonly string[] {
    return [...this.#objects.keys()];
  }

  /** What positions from here on remember of the tables: JSON. */
  get kept(): string {
    this.#kept ??= JSON.stringify(
      printKept(
        [...this.#tables].flatMap(([id, { selection, kept, isUntold }]) =>
          kept !== null && (isUntold || this.#remembered.has(id)) ? [[selection.table, kept] as const] : [],
        ),
      ),
    );
    return this.#kept;
  }

  /** Rows of a table are told, or it is altered. */
  #remember(id: string): void {
    if (this.#remembered.has(id)) return;
    const [first] = this.#remembered;
    if (this.#remembered.size >= MOST_KEPT && first !== undefined) this.#remembered.delete(first);
    this.#remembered.add(id);
    this.#kept = null;
  }

  /** The table's id; null: it was not chosen. */
  find({ container, owner, name, id }: MinedTable): string | null {
    if (this.#container !== null && container?.name !== this.#container) return null;
    const known = id === null ? undefined : this.#objects.get(id);
    if (known !== undefined) return known;
    if (owner === null || name === null) return null;
    const named = tableId({ schema: owner, name });
    return this.#tables.has(named) ? named : null;
  }

  /** Whether changes of a table are wanted, or may be: nobody knows yet what it is. Statements (`isStatement`) name their table. */
  follows(mined: MinedTable, isStatement = false): boolean {
    return this.find(mined) !== null || (!isStatement && this.isUnheardOf(mined));
  }

  /**
   * Whether only the catalog can tell if it is a chosen table: LogMiner has no name for it, and its number was not asked for. So are partitions that were
   * made since the numbers were asked, of tables that were altered since.
   */
  isUnheardOf(mined: MinedTable): boolean {
    const { container, id } = mined;
    if (id === null || id === '0' || !isUnnamed(mined) || this.#objects.has(id) || this.#strangers.has(id))
      return false;
    return this.#container === null || container?.name === this.#container;
  }

  /** The numbers of all tables were asked for because of some that nobody knew: which of them are not among the answers are no chosen table's. */
  askedFor(unheard: readonly MinedTable[], objects: readonly (readonly [object: string, id: string])[]): void {
    this.#learn(objects);
    for (const { id } of unheard) if (id !== null && !this.#objects.has(id)) this.#strangers.add(id);
  }

  /**
   * The table that a row names whose number is not one of its own, or is one only since reading began: another one has its name by now,
   * without a statement that the log tells of (DBMS_REDEFINITION), or it has a new partition. Told once for each number. Null: the number is known, or the table was not chosen.
   */
  metAnew(mined: MinedTable): string | null {
    const { id } = mined;
    if (id !== null && this.#unmet.delete(id)) return this.find(mined);
    if (id === null || this.#objects.has(id) || this.#strangers.has(id)) return null;
    const table = this.find(mined);
    if (table !== null) this.#strangers.add(id);
    return table;
  }

  table(id: string): FollowedTable {
    const table = this.#tables.get(id);
    if (table === undefined) throw new Error(`${id} was not chosen`);
    return table;
  }

  /** Reading has come to a place of the log, told by the order of positions. */
  reached(order: string): void {
    this.#parts.reached(order);
    if (this.#unsettled.size === 0) return;
    for (const table of this.#unsettled) {
      const { settlesBehind } = table;
      if (settlesBehind !== null && order < settlesBehind) continue;
      if (settlesBehind !== null) table.settle();
      this.#unsettled.delete(table);
      this.#kept = null;
    }
  }

  /** A statement was read that concerns a table; see FollowedTable. */
  alter(id: string, described: Described, added: readonly AddedColumn[] | null): void {
    const table = this.table(id);
    table.alter(described, added);
    this.#remember(id);
    if (table.settlesBehind !== null) this.#unsettled.add(table);
    this.#kept = null;
  }

  told(id: string): void {
    this.#remember(id);
    if (this.table(id).told()) this.#kept = null;
  }

  /** The numbers of all tables and their partitions were asked. `scn`: behind that. */
  asked(objects: readonly (readonly [object: string, id: string])[], scn: string): void {
    this.#learn(objects);
    this.#parts.asked(behindScn(scn));
  }

  /** A statement made partitions of a table, at a place of the log. */
  madeParts(id: string, order: string): void {
    this.#parts.made(id, order);
  }

  /** Whether rows of all partitions were found that were there right before a place of the log. */
  knowsParts(id: string, order: string): boolean {
    return !this.table(id).makesParts && this.#parts.isSure(id, order);
  }

  #learn(objects: readonly (readonly [object: string, id: string])[]): void {
    for (const [object] of objects) if (!this.#objects.has(object)) this.#unmet.add(object);
    this.addObjects(objects);
  }

  /** Numbers that were asked for together with what their tables are. */
  addObjects(objects: readonly (readonly [object: string, id: string])[]): void {
    for (const [object, id] of objects) this.#objects.set(object, id);
  }

  /** The numbers that a table has from now on; what it had before is another table's, or nobody's. */
  replaceObjects(id: string, objects: readonly (readonly [object: string, id: string])[]): void {
    for (const [object, of] of this.#objects) if (of === id) this.#objects.delete(object);
    this.addObjects(objects);
  }

  /** Follows what a table was where the log goes on, if that is another one now: rows of both may be told. */
  addFormer(id: string, { object }: KeptTable): void {
    if (this.#objects.has(object) || !this.#tables.has(id)) return;
    this.#objects.set(object, id);
    this.#former.add(object);
  }

  isFormer({ id }: MinedTable): boolean {
    return id !== null && this.#former.has(id);
  }
}
