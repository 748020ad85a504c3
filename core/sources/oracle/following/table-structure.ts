import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { SourceColumn, SourceTable } from '../source-table.ts';

/**
 * What a position remembers of a table, so that its columns at that place of the log are known when it was altered since: LogMiner tells
 * rows of before by their bytes and the places of their columns, and the catalog knows the table as it is now.
 */
export interface KeptTable {
  /** DATA_OBJ# of the table itself. */
  readonly object: string;
  /** The place of the last column. New ones come behind it. */
  readonly last: number;
  /** Of the names, places and kinds of the columns up to there; empty: they are not known. */
  readonly hash: string;
  /** Columns that were added, and of which no row was told yet: what DEFAULT said, null where it said nothing. */
  readonly added: Readonly<Record<string, string | null>>;
}

/**
 * Tables of a position, whose size does not grow with theirs. It is for those whose rows come shortly before a change of structure: tables that
 * rows were told of last. Of the others rows of before one that comes while nobody reads stop the table.
 */
export const MOST_KEPT = 64;

export function mostKept<Item>(tables: readonly Item[]): Item[] {
  return [...new Set(tables)].slice(0, MOST_KEPT);
}

const keptTable = z.tuple([z.string(), z.int().nonnegative(), z.string(), z.record(z.string(), z.string().nullable())]);

/** By table id, as a position holds them. */
export const keptTables = z.record(z.string(), keptTable);
type PrintedTable = z.infer<typeof keptTable>;
export type PrintedTables = z.infer<typeof keptTables>;

export function readKept([object, last, hash, added]: PrintedTable): KeptTable {
  return { object, last, hash, added };
}

export function printKept({ object, last, hash, added }: KeptTable): PrintedTable {
  return [object, last, hash, added];
}

/** A table with all columns that it has, which are those of a place in the log. */
export function structureOf(source: SourceTable): KeptTable {
  const last = Math.max(0, ...source.columns.map(({ place }) => place ?? 0));
  return { object: source.objectId, last, hash: hashOf(source, last), added: {} };
}

/** Whether the columns up to the last one that is remembered are the same ones still. */
export function isStill(kept: KeptTable, source: SourceTable): boolean {
  return kept.object === source.objectId && kept.hash === hashOf(source, kept.last);
}

/** The table without the columns behind a place. Those that are not stored are in no log. */
export function upTo(source: SourceTable, last: number): SourceTable {
  return { ...source, columns: source.columns.filter(({ place }) => place === null || place <= last) };
}

/** What raw bytes are read by: widths are not among it, because what becomes wider holds what there was. */
function hashOf({ columns }: SourceTable, last: number): string {
  const stored = columns.flatMap(({ name, place, type }) => {
    if (place === null || place > last) return [];
    return [[place, name, type.tag, 'isNational' in type ? type.isNational : null, 'bits' in type ? type.bits : null]];
  });
  return createHash('sha256').update(JSON.stringify(stored)).digest('base64url').slice(0, 12);
}

/** The columns behind a place, in their order. */
export function columnsBehind({ columns }: SourceTable, last: number): SourceColumn[] {
  return columns
    .filter(({ place }) => place !== null && place > last)
    .sort((left, right) => (left.place ?? 0) - (right.place ?? 0));
}
