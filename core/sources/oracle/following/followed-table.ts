import { PenstockError } from '../../../errors/penstock-error.ts';
import type { TableSelection } from '../../source-connector.ts';
import { replicatedTable, type Reading } from '../describe.ts';
import { loggedTable, type LoggedTable } from '../logged-table.ts';
import { behindScn } from '../mining/mined-place.ts';
import type { SourceColumn, SourceTable } from '../source-table.ts';
import type { AddedColumn } from './added-columns.ts';
import { columnsBehind, isStill, structureOf, upTo, type KeptTable } from './table-structure.ts';

/** Why changes of a table cannot be read from now on. */
export interface Unreadable {
  readonly reason: string;
}

/** A table as the catalog tells it. */
export interface Described {
  /** Null: it is not there, or the user may not see it. */
  readonly source: SourceTable | null;
  /** The SCN behind the look at it: no later change of structure was seen. */
  readonly scn: string;
}

const GONE: Unreadable = { reason: 'the table is not there any more, or the user may not see it' };

/**
 * A chosen table along the log. The catalog knows it as it is now; which of these columns there were at the place that was reached is known
 * by the position, by the statements that were read since, and at the latest where the log has come to the time when the catalog was asked:
 * a statement in between would have been read.
 */
export class FollowedTable {
  readonly selection: TableSelection;
  readonly #reading: Reading;
  #described: Described;
  /** Null: it may have more columns than there are at this place of the log, and others. */
  #structure: KeptTable | null = null;
  /** What DEFAULT said of columns that were added since reading began, and of those that no row was told with before that. */
  #added: Readonly<Record<string, string | null>> = {};
  /** Those of them that no row was told with yet. */
  #untold: Readonly<Record<string, string | null>> = {};
  #table: LoggedTable | Unreadable;
  /** Lists of names that were compared with the table's. */
  #compared = new WeakSet<readonly string[]>();

  /** `kept`: by the position at which reading begins. */
  constructor(selection: TableSelection, reading: Reading, described: Described, kept: KeptTable | null) {
    this.selection = selection;
    this.#reading = reading;
    this.#described = described;
    const { source } = described;
    if (kept !== null && source?.objectId === kept.object) {
      this.#added = this.#untold = kept.added;
      this.#structure = isStill(kept, source) ? kept : null;
    }
    this.#table = this.#resolve();
  }

  /** As rows are read now. */
  get table(): LoggedTable | Unreadable {
    return this.#table;
  }

  /** Its columns at this place of the log, by whose places its rows are stored; null: they are not known, or its rows are stored otherwise. */
  get columns(): SourceTable['columns'] | null {
    const { source } = this.#described;
    if (source?.kind !== 'heap' || this.#structure === null) return null;
    const { columns } = upTo(source, this.#structure.last);
    // A LONG stands behind all others, and what is in an XMLTYPE in a column that the server hides.
    const isElsewhere = ({ type, place, isVirtual }: SourceColumn) =>
      type.tag === 'long' || type.tag === 'longRaw' || (place === null && !isVirtual);
    return columns.some(isElsewhere) ? null : columns;
  }

  /** Whether partitions come without a statement: then nobody knows when. */
  get makesParts(): boolean {
    return this.#described.source?.makesParts ?? false;
  }

  /** As positions from here on remember it; null: nothing is known. */
  get kept(): KeptTable | null {
    const { source } = this.#described;
    const added = this.#untold;
    if (this.#structure !== null) return { ...this.#structure, added };
    return source === null || isEmpty(added) ? null : { object: source.objectId, last: 0, hash: '', added };
  }

  /** Whether columns were added that no row was told with yet. */
  get isUntold(): boolean {
    return !isEmpty(this.#untold);
  }

  /** The order of positions from which on the catalog's answer is what there is; null: it is already. */
  get settlesBehind(): string | null {
    return this.#structure !== null || this.#described.source === null ? null : behindScn(this.#described.scn);
  }

  settle(): void {
    const { source } = this.#described;
    if (source !== null) this.#structure = structureOf(source);
  }

  /** A column of a statement that the table has not, as it is read now, and that the server did not add itself; null: there is none. */
  strangeColumn(names: readonly string[]): string | null {
    if ('reason' in this.#table || this.#compared.has(names)) return null;
    const known = new Set(this.#table.table.source.columns.map(({ name }) => name));
    const strange = names.find((name) => !known.has(name) && !isOfServer(name));
    if (strange === undefined) this.#compared.add(names);
    return strange ?? null;
  }

  /** A statement that concerns the table was read; the catalog was asked again. `added`: the columns that it adds; null: it does something else to them. */
  alter(described: Described, added: readonly AddedColumn[] | null): void {
    this.#described = described;
    this.#compared = new WeakSet();
    const { source } = described;
    if (source === null || added === null) this.#added = this.#untold = {};
    else {
      const constants = constantsOf(source, added);
      this.#added = { ...this.#added, ...constants };
      this.#untold = { ...this.#untold, ...constants };
    }
    this.#structure = source === null || added === null ? null : structureBehind(this.#structure, source, added);
    this.#table = this.#resolve();
  }

  /** A row was told, by which everybody learns what older rows have in its columns. @returns whether that was new */
  told(): boolean {
    if (isEmpty(this.#untold)) return false;
    this.#untold = {};
    return true;
  }

  /** A structure in which the user's choices cannot be followed is no reason to end the stream: the table stops. */
  #resolve(): LoggedTable | Unreadable {
    const { source } = this.#described;
    if (source === null) return GONE;
    const columns = (this.#structure === null ? source : upTo(source, this.#structure.last)).columns.map((column) => {
      const addedWith = this.#added[column.name];
      return addedWith === undefined ? column : { ...column, addedWith };
    });
    const later = new Set(
      this.#structure === null ? [] : columnsBehind(source, this.#structure.last).map(({ name }) => name),
    );
    try {
      return loggedTable(replicatedTable({ ...source, columns }, without(later, this.selection), this.#reading));
    } catch (error) {
      if (!(error instanceof PenstockError) || error.retry === 'timed' || error.table === null) throw error;
      return { reason: error.message };
    }
  }
}

/** Columns that the server adds by itself, and hides: what an XMLTYPE is kept in, marks of added columns, what was dropped and is there still. */
export function isOfServer(name: string): boolean {
  return /^SYS_.*\$$/.test(name) || name === 'ORA_ARCHIVE_STATE';
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}

/** Choices about columns that come later do not count yet. */
function without(later: ReadonlySet<string>, selection: TableSelection): TableSelection {
  if (later.size === 0) return selection;
  return {
    ...selection,
    mask: selection.mask.filter((name) => !later.has(name)),
    typeChange: Object.fromEntries(Object.entries(selection.typeChange).filter(([name]) => !later.has(name))),
  };
}

/** Of columns of which the catalog does not know more than the statement. */
function constantsOf(source: SourceTable, added: readonly AddedColumn[]): Record<string, string | null> {
  return Object.fromEntries(
    added.flatMap(({ name, default: own }) => {
      const column = source.columns.find((one) => one.name === name);
      if (column === undefined || own.tag === 'other' || (own.tag === 'null' && !column.nullable)) return [];
      return [[name, own.tag === 'constant' ? own.text : null]];
    }),
  );
}

/** What there is behind a statement that adds columns; null: the catalog tells of something else. */
function structureBehind(
  before: KeptTable | null,
  source: SourceTable,
  added: readonly AddedColumn[],
): KeptTable | null {
  if (before === null || !isStill(before, source)) return null;
  const isStored = new Map(source.columns.map(({ name, place }) => [name, place !== null]));
  const known = new Set(upTo(source, before.last).columns.map(({ name }) => name));
  const names = added.map(({ name }) => name).filter((name) => !known.has(name));
  if (names.some((name) => !isStored.has(name))) return null;
  const stored = names.filter((name) => isStored.get(name) === true);
  const behind = columnsBehind(source, before.last).slice(0, stored.length);
  if (behind.some(({ name }, index) => name !== stored[index]) || behind.length < stored.length) return null;
  const last = behind.at(-1)?.place ?? before.last;
  return structureOf(upTo(source, last));
}
