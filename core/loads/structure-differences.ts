import { describeType, isWidening, sameType, type ColumnType } from '../changes/column-type.ts';
import { columnNumber, type Column, type TableSchema } from '../changes/table-schema.ts';
import type { DestinationColumn, StructureChange } from '../destinations/destination.ts';
import type { StructurePolicy } from '../pipeline/structure-policy.ts';
import { isAmong, isAnother } from './structure.ts';

/**
 * `safe`: no row loses anything, here or later. `unsafe`: done only where every value at the destination stays as it is, which is
 * looked at first. `impossible`: the destination does not have what the source has now; the table is copied anew.
 */
export type DifferenceClass = 'safe' | 'unsafe' | 'impossible';

/** One way in which a table at the destination is unlike the one at the source. */
export interface Difference {
  readonly column: string | null;
  /** What the policy is asked for; `none`: nothing that could be done by any policy. */
  readonly kind: keyof StructurePolicy | 'none';
  /** What happened at the source. */
  readonly what: string;
  readonly class: DifferenceClass;
  /** What is done about it, or why nothing can be done. */
  readonly reason: string;
  /** Null where nothing is to be changed at the destination, or where the table is made anew (`key`). */
  readonly change: StructureChange | null;
}

/** What the differences are found from. */
export interface ComparedStructures {
  /** The structure that the destination table has by the catalog. */
  readonly has: TableSchema;
  /** The source's structure now. */
  readonly now: TableSchema;
  /** The columns that stand at the destination; null: the table is not there. */
  readonly standing: readonly DestinationColumn[] | null;
  /** Columns that the source dropped earlier; those that still stand were kept. */
  readonly kept: readonly string[];
  /** Whether columns that the source dropped are kept or dropped. */
  readonly drops: 'keep' | 'drop';
  /** Whether `now` was read from the source itself, or from its log, which may have been read long after. */
  readonly readFrom: 'source' | 'log';
  /** Whether the destination's table may be replaced by another one of its name. */
  readonly mayReplace: boolean;
}

/**
 * Pure: the differences, in the order in which their changes are applied. A rename is told from a drop and an add by the source's own
 * numbers of columns; where a source has none, both are impossible, for the values of the new column are nowhere.
 */
export function structureDifferences(compared: ComparedStructures): Difference[] {
  const { has, now, standing } = compared;
  if (standing === null) return [impossible(null, 'the table is not at the destination', 'somebody dropped it')];
  const renamed = renames(has, now);
  const found: Difference[] = [...keyDifferences(compared), ...lostColumns(compared)];
  // What goes makes room for what comes under its name.
  found.push(...has.columns.flatMap((column) => (isGone(column, now) ? [dropDifference(column, compared)] : [])));
  found.push(...keptDifferences(compared));
  found.push(...inOrder(renamed).flatMap((pair) => renameDifference(pair, compared, renamed)));
  for (const column of has.columns) {
    const later = laterColumn(column, now);
    if (later !== null && !sameType(column.type, later.type)) found.push(typeDifference(column, later));
  }
  for (const column of now.columns) {
    if (!has.columns.some((earlier) => laterColumn(earlier, now) === column))
      found.push(addDifference(column, compared));
  }
  return found;
}

function isGone(column: Column, now: TableSchema): boolean {
  return laterColumn(column, now) === null;
}

/** The column that a table's column is now; null: it is gone. */
export function laterColumn(column: Column, now: TableSchema): Column | null {
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

function keyDifferences({ has, now, mayReplace }: ComparedStructures): Difference[] {
  const [before, after] = [keyText(has), keyText(now)];
  if (before === after) return [];
  const what = `the key changed from ${before} to ${after}`;
  if (now.identity.tag === 'row')
    return [impossible(null, what, 'rows without a key are numbered when they are copied')];
  if (!mayReplace)
    return [impossible(null, what, 'truncateInsteadOfDrop keeps the table at the destination as it was made')];
  const reason = 'the table is made anew under it if its rows have it, each another one';
  return [{ column: null, kind: 'key', what, class: 'unsafe', reason, change: null }];
}

/** For messages; two structures with one text have the same key. */
export function keyText({ identity }: TableSchema): string {
  return identity.tag === 'row' ? 'no key' : `(${identity.columns.join(', ')})`;
}

/**
 * Columns that somebody took away at the destination. One that stands under its new name already was renamed before an interruption;
 * one that the source has dropped too is missed by nobody.
 */
function lostColumns({ has, now, standing }: ComparedStructures): Difference[] {
  const names = (standing ?? []).map(({ name }) => name);
  return has.columns
    .filter((column) => {
      const later = laterColumn(column, now);
      return later !== null && !isAmong(names, column.name) && !isAmong(names, later.name);
    })
    .map(({ name }) => impossible(name, `column ${name} is not at the destination`, 'somebody dropped it there'));
}

/** Columns that were kept earlier and are not to be kept. */
function keptDifferences({ has, standing, kept, drops }: ComparedStructures): Difference[] {
  if (drops === 'keep') return [];
  const stands = (name: string): boolean => (standing ?? []).some((candidate) => isAmong([candidate.name], name));
  const isKnown = (name: string): boolean => has.columns.some((column) => isAmong([column.name], name));
  return kept
    .filter((name) => stands(name) && !isKnown(name))
    .map((name) => dropped(name, `column ${name} was dropped earlier`));
}

function renameDifference(
  { column, later }: Renamed,
  { has, standing, kept, drops }: ComparedStructures,
  renamed: readonly Renamed[],
): Difference[] {
  const what = `column ${column.name} was renamed to ${later.name}`;
  const names = (standing ?? []).map(({ name }) => name);
  const isCircle = renamed.some((one) => one.column.name === later.name && leadsTo(one, column.name, renamed));
  if (isCircle) return [impossible(later.name, what, 'columns changed their names in a circle')];
  const isFree =
    !isAmong(names, later.name) ||
    renamed.some((one) => one.column.name === later.name) ||
    (drops === 'drop' && (isAmong(kept, later.name) || isAmong(namesOf(has), later.name)));
  if (!isFree && isAmong(names, column.name) && column.name.toLowerCase() !== later.name.toLowerCase()) {
    return [impossible(later.name, what, 'the destination has another column of that name')];
  }
  const change: StructureChange = { tag: 'rename', column: later.name, from: column.name };
  return [{ column: later.name, kind: 'rename', what, class: 'safe', reason: 'the column is renamed', change }];
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

function dropDifference(column: Column, { has, now, drops, readFrom }: ComparedStructures): Difference {
  const what = `column ${column.name} was dropped`;
  if (has.identity.tag === 'row' && now.identity.tag === 'row') {
    return impossible(column.name, what, 'rows without a key are told apart by all their columns');
  }
  const either = `column ${column.name} was dropped or renamed`;
  if (columnNumber(column) === null) return impossible(column.name, either, 'the source does not tell which');
  if (readFrom === 'log' && now.columns.some((later) => columnNumber(later) === null && !stood(later, has))) {
    return impossible(column.name, either, 'the log, which is read late, does not tell which');
  }
  if (drops === 'drop') return dropped(column.name, what);
  if (isAmong(namesOf(now), column.name)) {
    return impossible(column.name, `${what}, and another one took its name`, 'the values of the new one are nowhere');
  }
  const reason = 'the destination keeps it with the values that it has; new rows have NULL';
  return { column: column.name, kind: 'drop', what, class: 'safe', reason, change: null };
}

function dropped(column: string, what: string): Difference {
  const reason = 'the destination drops it, with the values that it has';
  return { column, kind: 'drop', what, class: 'unsafe', reason, change: { tag: 'drop', column } };
}

function stood({ name }: Column, has: TableSchema): boolean {
  return has.columns.some((column) => column.name === name);
}

function namesOf({ columns }: TableSchema): string[] {
  return columns.map(({ name }) => name);
}

function typeDifference(column: Column, later: Column): Difference {
  const { name } = later;
  const what = `column ${name} changed from ${describeType(column.type)} to ${describeType(later.type)}`;
  if (isWidening(column.type, later.type)) {
    const change: StructureChange = { tag: 'widen', column: name };
    return { column: name, kind: 'widen', what, class: 'safe', reason: 'the type is widened', change };
  }
  if (keepsValues(column.type, later.type)) {
    const reason = 'the type is narrowed if every value at the destination fits';
    return { column: name, kind: 'narrow', what, class: 'unsafe', reason, change: { tag: 'narrow', column: name } };
  }
  return impossible(name, what, 'the source converted values without logging the rows');
}

/** Whether a value that fits the later type is the same one in it: then the data says whether the change lost anything. */
function keepsValues(from: ColumnType, to: ColumnType): boolean {
  const isNumber = ({ tag }: ColumnType): boolean => tag === 'integer' || tag === 'decimal';
  if (isNumber(from) && isNumber(to)) return true;
  return from.tag === to.tag && ['text', 'binary', 'time', 'datetime'].includes(from.tag);
}

function addDifference(column: Column, { has, now, standing, kept, drops }: ComparedStructures): Difference {
  const { name } = column;
  const what = `column ${name} was added`;
  if (has.identity.tag === 'row' && now.identity.tag === 'row')
    return impossible(name, what, 'rows without a key are told apart by all their columns');
  if (column.backfillUnknown === true) {
    return impossible(name, what, 'the log does not hold the values that older rows have in it');
  }
  const stands = (standing ?? []).some((candidate) => isAmong([candidate.name], name));
  if (stands && isAmong(kept, name) && drops === 'keep') {
    return impossible(name, what, 'the destination still has the one that was dropped: drop it there, or rename it');
  }
  const reason =
    column.backfill === null ? 'older rows have NULL in it' : 'older rows have what the source has in them';
  return { column: name, kind: 'add', what, class: 'safe', reason, change: { tag: 'add', column: name } };
}

function impossible(column: string | null, what: string, reason: string): Difference {
  return { column, kind: 'none', what, class: 'impossible', reason, change: null };
}
