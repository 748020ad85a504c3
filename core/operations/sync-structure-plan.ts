import { describeType, isWidening, sameType, type ColumnType } from '../changes/column-type.ts';
import { columnNumber, type Column, type TableSchema } from '../changes/table-schema.ts';
import type { DestinationColumn, StructureChange } from '../destinations/destination.ts';
import { isAmong, isAnother, withSourceIds } from '../loads/structure.ts';

/**
 * `safe`: no row loses anything, here or later. `unsafe`: done only where every value at the destination stays as it is, which is
 * looked at first. `impossible`: the destination does not have what the source has now; the table is copied anew.
 */
export type DifferenceClass = 'safe' | 'unsafe' | 'impossible';

/** One way in which a table at the destination is unlike the one at the source. */
export interface Difference {
  readonly column: string | null;
  /** What happened at the source. */
  readonly what: string;
  readonly class: DifferenceClass;
  /** What is done about it, or why nothing can be done. */
  readonly reason: string;
  /** Null where nothing is to be changed at the destination. */
  readonly change: StructureChange | null;
}

/**
 * Pure: why the structures that the log has between the two ends cannot be passed over; null where they can. Rows of them are loaded
 * into the structure of now, and what the source did to older rows on the way must have left them as they are.
 */
export function passingFault(has: TableSchema, logged: readonly TableSchema[], now: TableSchema): string | null {
  for (const schema of logged) {
    const between = withSourceIds(schema, has);
    const [there, onwards] = [structuresOnly(has, between), structuresOnly(between, now)];
    const fault = there.find((one) => one.class !== 'safe') ?? onwards.find((one) => one.class === 'impossible');
    if (fault !== undefined)
      return `on the way ${fault.what}: ${fault.class === 'unsafe' ? 'values may have changed' : fault.reason}`;
  }
  return null;
}

function structuresOnly(has: TableSchema, now: TableSchema): Difference[] {
  const standing = has.columns.map(({ name }) => ({ name, type: '', nullable: true }));
  return planSync({ has, now, standing, kept: [] });
}

/** What the differences are found from. */
export interface ComparedStructures {
  /** The structure that the destination table has by the catalog. */
  readonly has: TableSchema;
  /** The source's structure now. */
  readonly now: TableSchema;
  /** The columns that stand at the destination; null: the table is not there. */
  readonly standing: readonly DestinationColumn[] | null;
  /** Columns that the source dropped earlier and that were kept. */
  readonly kept: readonly string[];
}

/**
 * Pure: the differences, in the order in which their changes are applied. A rename is told from a drop and an add by the source's own
 * numbers of columns; where a source has none, both are impossible, for the values of the new column are nowhere.
 */
export function planSync(compared: ComparedStructures): Difference[] {
  const { has, now, standing } = compared;
  if (standing === null) return [impossible(null, 'the table is not at the destination', 'somebody dropped it')];
  const renamed = renames(has, now);
  const found: Difference[] = [...keyDifferences(has, now), ...lostColumns(compared, renamed)];
  found.push(...inOrder(renamed).flatMap((pair) => renameDifference(pair, compared, renamed)));
  for (const column of has.columns) {
    const later = laterColumn(column, now);
    if (later === null) found.push(dropDifference(column, compared));
    else if (!sameType(column.type, later.type)) found.push(typeDifference(column, later));
  }
  for (const column of now.columns) {
    if (!has.columns.some((earlier) => laterColumn(earlier, now) === column))
      found.push(addDifference(column, compared));
  }
  return found;
}

/** The column that a table's column is now; null: it is gone. */
function laterColumn(column: Column, now: TableSchema): Column | null {
  const number = columnNumber(column);
  const byNumber = number === null ? undefined : now.columns.find((later) => columnNumber(later) === number);
  if (byNumber !== undefined) return byNumber;
  return now.columns.find((later) => later.name === column.name && !isAnother(column, later)) ?? null;
}

interface Renamed {
  readonly column: Column;
  readonly later: Column;
}

function renames(has: TableSchema, now: TableSchema): Renamed[] {
  return has.columns.flatMap((column) => {
    const later = laterColumn(column, now);
    return later === null || later.name === column.name ? [] : [{ column, later }];
  });
}

/** A column whose new name another one still has comes after that one; what is left then goes in a circle, and keeps its place. */
function inOrder(renamed: readonly Renamed[]): Renamed[] {
  const waiting = [...renamed];
  const ordered: Renamed[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ later }) => !waiting.some(({ column }) => column.name === later.name));
    ordered.push(...waiting.splice(Math.max(0, next), 1));
  }
  return ordered;
}

function keyDifferences(has: TableSchema, now: TableSchema): Difference[] {
  const [before, after] = [keyText(has), keyText(now)];
  if (before === after) return [];
  return [impossible(null, `the key changed from ${before} to ${after}`, 'rows are found by their key')];
}

function keyText({ identity }: TableSchema): string {
  return identity.tag === 'row' ? 'no key' : `(${identity.columns.join(', ')})`;
}

/** Columns that somebody took away at the destination. One that stands under its new name already was renamed before an interruption. */
function lostColumns({ has, standing }: ComparedStructures, renamed: readonly Renamed[]): Difference[] {
  const names = (standing ?? []).map(({ name }) => name);
  return has.columns
    .filter((column) => {
      const later = renamed.find((pair) => pair.column === column)?.later;
      return !isAmong(names, column.name) && !(later !== undefined && isAmong(names, later.name));
    })
    .map(({ name }) => impossible(name, `column ${name} is not at the destination`, 'somebody dropped it there'));
}

function renameDifference(
  { column, later }: Renamed,
  { has, standing }: ComparedStructures,
  renamed: readonly Renamed[],
): Difference[] {
  const what = `column ${column.name} was renamed to ${later.name}`;
  const inKey = has.identity.tag === 'key' && has.identity.columns.includes(column.name);
  // The change of the key is a difference of its own.
  if (inKey) return [];
  const names = (standing ?? []).map(({ name }) => name);
  const isCircle = renamed.some((one) => one.column.name === later.name && leadsTo(one, column.name, renamed));
  if (isCircle) return [impossible(later.name, what, 'columns changed their names in a circle')];
  const isFree = !isAmong(names, later.name) || renamed.some((one) => one.column.name === later.name);
  if (!isFree && isAmong(names, column.name) && column.name.toLowerCase() !== later.name.toLowerCase()) {
    return [impossible(later.name, what, 'the destination has another column of that name')];
  }
  const change: StructureChange = { tag: 'rename', column: later.name, from: column.name };
  return [{ column: later.name, what, class: 'safe', reason: 'the column is renamed', change }];
}

function leadsTo(from: Renamed, name: string, renamed: readonly Renamed[]): boolean {
  const seen = new Set<Renamed>();
  for (let at: Renamed | undefined = from; at !== undefined && !seen.has(at);) {
    if (at.later.name === name) return true;
    seen.add(at);
    at = renamedFrom(at.later.name, renamed);
  }
  return false;
}

function renamedFrom(name: string, renamed: readonly Renamed[]): Renamed | undefined {
  return renamed.find(({ column }) => column.name === name);
}

function dropDifference(column: Column, { has, now }: ComparedStructures): Difference {
  const what = `column ${column.name} was dropped`;
  if (has.identity.tag === 'row') {
    return impossible(column.name, what, 'rows without a key are told apart by all their columns');
  }
  if (columnNumber(column) === null) {
    const either = `column ${column.name} was dropped or renamed`;
    return impossible(column.name, either, 'the source does not tell which');
  }
  if (now.columns.some(({ name }) => isAmong([name], column.name))) {
    return impossible(column.name, `${what}, and another one took its name`, 'the values of the new one are nowhere');
  }
  const reason = 'the destination keeps it with the values that it has; new rows have NULL';
  return { column: column.name, what, class: 'safe', reason, change: null };
}

function typeDifference(column: Column, later: Column): Difference {
  const { name } = later;
  const what = `column ${name} changed from ${describeType(column.type)} to ${describeType(later.type)}`;
  if (isWidening(column.type, later.type)) {
    return { column: name, what, class: 'safe', reason: 'the type is widened', change: { tag: 'widen', column: name } };
  }
  if (keepsValues(column.type, later.type)) {
    const reason = 'the type is narrowed if every value at the destination fits';
    return { column: name, what, class: 'unsafe', reason, change: { tag: 'narrow', column: name } };
  }
  return impossible(name, what, 'the source converted values without logging the rows');
}

/** Whether a value that fits the later type is the same one in it: then the data says whether the change lost anything. */
function keepsValues(from: ColumnType, to: ColumnType): boolean {
  const isNumber = ({ tag }: ColumnType): boolean => tag === 'integer' || tag === 'decimal';
  if (isNumber(from) && isNumber(to)) return true;
  return from.tag === to.tag && ['text', 'binary', 'time', 'datetime'].includes(from.tag);
}

function addDifference(column: Column, { has, standing, kept }: ComparedStructures): Difference {
  const { name } = column;
  const what = `column ${name} was added`;
  if (has.identity.tag === 'row')
    return impossible(name, what, 'rows without a key are told apart by all their columns');
  if (column.backfillUnknown === true) {
    return impossible(name, what, 'the log does not hold the values that older rows have in it');
  }
  const stands = (standing ?? []).some((candidate) => isAmong([candidate.name], name));
  if (stands && isAmong(kept, name)) {
    return impossible(name, what, 'the destination still has the one that was dropped: drop it there, or rename it');
  }
  const reason =
    column.backfill === null ? 'older rows have NULL in it' : 'older rows have what the source has in them';
  return { column: name, what, class: 'safe', reason, change: { tag: 'add', column: name } };
}

function impossible(column: string | null, what: string, reason: string): Difference {
  return { column, what, class: 'impossible', reason, change: null };
}
