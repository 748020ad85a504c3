import { createHash } from 'node:crypto';
import * as z from 'zod';
import { tableId, type TableName } from '../../../changes/table-name.ts';
import type { SourceColumn, SourceTable } from '../source-table.ts';
import { MOST_KEPT } from './most-kept.ts';

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

/** 48 bits: that two structures of a table have the same is as good as impossible. */
const HASH_CHARACTERS = 8;

export function mostKept<Item>(tables: readonly Item[]): Item[] {
  return [...new Set(tables)].slice(0, MOST_KEPT);
}

/** Tables of a schema, each `name:object:last:hash`, and `:added` where there is some; what is not plain in it is as in an address (%20). */
const printed = z.string().regex(/^[^: ]+:\d+:\d+:[\w-]*(:[^: ]+)?( [^: ]+:\d+:\d+:[\w-]*(:[^: ]+)?)*$/);

/** By schema, as a position holds them: twice in what it is stored in, so that each byte of a table counts. */
export const keptTables = z.record(z.string(), printed);
export type PrintedTables = z.infer<typeof keptTables>;

const addedColumns = z.record(z.string(), z.string().nullable());

/** By table id. */
export function readKept(tables: PrintedTables): Map<string, KeptTable> {
  const all = Object.entries(tables).flatMap(([schema, of]) =>
    of.split(' ').map((table) => {
      const [name = '', object = '', last = '', hash = '', added = '%7B%7D'] = table.split(':');
      const id = tableId({ schema, name: decodeURIComponent(name) });
      const columns = addedColumns.parse(JSON.parse(decodeURIComponent(added)));
      return [id, { object, last: Number(last), hash, added: columns }] as const;
    }),
  );
  return new Map(all);
}

export function printKept(tables: readonly (readonly [TableName, KeptTable])[]): PrintedTables {
  const schemas = Map.groupBy(tables, ([{ schema }]) => schema);
  return Object.fromEntries([...schemas].map(([schema, all]) => [schema, all.map(printTable).join(' ')]));
}

function printTable([{ name }, { object, last, hash, added }]: readonly [TableName, KeptTable]): string {
  const columns = Object.keys(added).length === 0 ? [] : [encodeURIComponent(JSON.stringify(added))];
  return [encodeURIComponent(name), object, last, hash, ...columns].join(':');
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
  return createHash('sha256').update(JSON.stringify(stored)).digest('base64url').slice(0, HASH_CHARACTERS);
}

/** The columns behind a place, in their order. */
export function columnsBehind({ columns }: SourceTable, last: number): SourceColumn[] {
  return columns
    .filter(({ place }) => place !== null && place > last)
    .sort((left, right) => (left.place ?? 0) - (right.place ?? 0));
}
