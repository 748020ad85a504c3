import type { RowChange, RowValues } from '../changes/change.ts';
import { fetchKey } from '../changes/row-key.ts';
import { tableId, type TableName } from '../changes/table-name.ts';
import { keyOrdinals, type TableSchema } from '../changes/table-schema.ts';
import type { Timestamp } from '../changes/timestamp.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { MisfitRow } from '../sources/source-connector.ts';
import type { Compaction } from './compaction.ts';
import { HistoryCompaction } from './history-compaction.ts';
import { MirrorCompaction } from './mirror-compaction.ts';
import { RowCompaction } from './row-compaction.ts';

/** How the changes of a table are compacted. */
export interface TableKeeping {
  readonly transfer: 'mirror' | 'history';
  readonly maxUpdates: number | null;
}

/** A row set aside, with the place in the log that it came from. */
export type LoggedMisfit = MisfitRow & { readonly position: string };

/** The changes of one table with one structure, up to the next truncate that matters or change of structure. */
export interface BufferedPart {
  readonly schema: TableSchema;
  readonly compaction: Compaction;
  readonly misfits: LoggedMisfit[];
  truncatedAt: Timestamp | null;
  /** Why the part cannot be applied; null: it can. */
  obstacle: string | null;
  inserts: number;
  updates: number;
  deletes: number;
}

const BYTES_PER_ROW = 48;
/** What a change and a value of it take in memory besides their characters: objects, slots, headers; measured at about 1,100 bytes for 250 of text. */
const MEMORY_PER_ROW = 320;
const MEMORY_PER_VALUE = 28;

/** Changes in memory that will become one piece of an extract. Bounded by its user: see `bytes`. */
export class ExtractBuffer {
  readonly #keeping: (table: string) => TableKeeping;
  #parts: BufferedPart[] = [];
  /** By table id, the part that takes the table's next change. */
  #open = new Map<string, BufferedPart>();
  #nextIndex = 0;
  #rows = 0;
  #bytes = 0;
  #values = 0;
  /** By table id, the key of the extract's first change of the table. */
  readonly #keys = new Map<string, string>();
  #mixesKeys = false;
  /** The part of the last change: most changes belong to the same one. */
  #last: BufferedPart | null = null;

  constructor(keeping: (table: string) => TableKeeping) {
    this.#keeping = keeping;
  }

  /** Changes taken since the last seal. */
  get rows(): number {
    return this.#rows;
  }

  /** An estimate of the characters held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** An estimate of the memory held, in bytes; several times the characters. */
  get memory(): number {
    return this.#bytes + this.#rows * MEMORY_PER_ROW + this.#values * MEMORY_PER_VALUE;
  }

  /** Whether a table's changes since the last restart are under two keys: what makes the table anew must come between them. */
  get mixesKeys(): boolean {
    return this.#mixesKeys;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  add(change: RowChange, at: Timestamp, position: string): void {
    const part = this.#part(change.schema);
    this.#rows++;
    this.#bytes += BYTES_PER_ROW + sizeOf(change.before) + sizeOf(change.after);
    this.#values += (change.before?.length ?? 0) + (change.after?.length ?? 0);
    const index = this.#nextIndex++;
    if (change.op === 'insert') part.inserts++;
    else if (change.op === 'update') part.updates++;
    else part.deletes++;
    if (change.misfit === null) part.compaction.add(change, index, at);
    else this.#setAside(part, change, index, at, position);
  }

  truncate(table: TableName, schema: TableSchema, at: Timestamp): void {
    const id = tableId(table);
    if (this.#keeping(id).transfer === 'mirror') {
      this.#parts = this.#parts.filter((part) => tableId(part.schema.table) !== id);
    }
    this.#open.delete(id);
    this.#last = null;
    this.#part(schema).truncatedAt = at;
    this.#bytes += BYTES_PER_ROW;
  }

  /** Something happened to a table that no load can repeat: it stops there, and is copied anew. */
  obstruct(schema: TableSchema, obstacle: string): void {
    this.#part(schema).obstacle ??= obstacle;
    this.#bytes += BYTES_PER_ROW;
  }

  /** Takes the parts in the order in which they are to be applied; the buffer is empty again. Indexes go on until `restart`. */
  seal(): BufferedPart[] {
    const parts = this.#parts;
    this.#parts = [];
    this.#open = new Map();
    this.#last = null;
    this.#rows = 0;
    this.#bytes = 0;
    this.#values = 0;
    return parts;
  }

  /** Begins a new extract: sequence indexes count from 0. */
  restart(): void {
    this.#nextIndex = 0;
    this.#keys.clear();
    this.#mixesKeys = false;
  }

  /** The row that stood there goes, so that no older image passes for the current one; the new one waits in quarantine. */
  #setAside(part: BufferedPart, change: RowChange, index: number, at: Timestamp, position: string): void {
    const { schema, after, misfit } = change;
    if (misfit === null || after === null) return;
    const row = Object.fromEntries(schema.columns.map((column, ordinal) => [column.name, after[ordinal] ?? null]));
    const { column, reason } = misfit;
    part.misfits.push({ column, reason, row, key: fetchKey(schema, after, column), position });
    const stood = change.before ?? (schema.identity.tag === 'key' ? after : null);
    if (change.op !== 'insert' && stood !== null && !keyMisfits(change)) {
      part.compaction.add({ schema, op: 'delete', before: stood, after: null, misfit: null }, index, at);
    }
  }

  #part(schema: TableSchema): BufferedPart {
    if (this.#last?.schema === schema) return this.#last;
    this.#last = this.#openPart(schema);
    return this.#last;
  }

  #openPart(schema: TableSchema): BufferedPart {
    const id = tableId(schema.table);
    const open = this.#open.get(id);
    if (open !== undefined && open.schema.fingerprint === schema.fingerprint) return open;
    const part = {
      schema,
      compaction: compactionOf(schema, this.#keeping(id)),
      misfits: [],
      truncatedAt: null,
      obstacle: null,
      inserts: 0,
      updates: 0,
      deletes: 0,
    };
    this.#parts.push(part);
    this.#open.set(id, part);
    this.#noteKey(id, schema);
    return part;
  }

  /** A part for an obstacle alone may have no columns, and no key. */
  #noteKey(id: string, { columns, identity }: TableSchema): void {
    if (columns.length === 0) return;
    const key = JSON.stringify(identity);
    const first = this.#keys.get(id) ?? key;
    this.#keys.set(id, first);
    if (first !== key) this.#mixesKeys = true;
  }
}

/** Whether the value that does not fit is in the key that the row would be found by: then no row can stand under it. */
function keyMisfits(change: RowChange): boolean {
  const { identity } = change.schema;
  return change.before === null && identity.tag === 'key' && identity.columns.includes(change.misfit?.column ?? '');
}

function compactionOf(schema: TableSchema, keeping: TableKeeping): Compaction {
  if (schema.identity.tag === 'row') {
    if (keeping.transfer === 'history') {
      const table = tableId(schema.table);
      throw new PenstockError('PS1001', `${table} is kept with history but has no key`, {
        table,
        remedy: `Choose key columns for ${table} (key: […]) or transfer it as a mirror.`,
      });
    }
    return new RowCompaction();
  }
  const key = keyOrdinals(schema);
  return keeping.transfer === 'history' ? new HistoryCompaction(key, keeping.maxUpdates) : new MirrorCompaction(key);
}

function sizeOf(values: RowValues | null): number {
  if (values === null) return 0;
  let size = 0;
  for (const value of values) size += 4 + (value?.length ?? 0);
  return size;
}
