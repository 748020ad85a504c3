import type { RowChange, SourceEvent } from '../changes/change.ts';
import type { SourcePosition } from '../changes/position.ts';
import { tableId, type TableName } from '../changes/table-name.ts';
import { tableSchema, type TableSchema } from '../changes/table-schema.ts';
import type { Timestamp } from '../changes/timestamp.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { CopyFilter } from './copy-filter.ts';
import { ExtractBuffer, type BufferedPart } from './extract-buffer.ts';
import type { FollowedTable } from './followed-table.ts';

/** The end of a transaction that was taken. */
export interface TakenTransaction {
  readonly position: SourcePosition;
  readonly committedAt: Timestamp;
}

/** Puts the events of a log together: knows whether a transaction is open, what each row belongs to, and what a copy holds already. */
export class TransactionAssembler {
  readonly buffer: ExtractBuffer;
  readonly #followed: ReadonlyMap<string, FollowedTable>;
  readonly #filters = new Map<string, CopyFilter>();
  readonly #schemas = new Map<string, TableSchema>();
  #open: { readonly at: Timestamp; readonly order: string } | null = null;
  #transaction: TakenTransaction | null = null;

  constructor(tables: readonly FollowedTable[]) {
    this.#followed = new Map(tables.map((table) => [table.id, table]));
    for (const { id, marks } of tables) if (marks.length > 0) this.#filters.set(id, new CopyFilter(marks));
    this.buffer = new ExtractBuffer((id) => this.#table(id).keeping);
  }

  get isBetweenTransactions(): boolean {
    return this.#open === null;
  }

  /** When the transaction that is open was committed at the source; null: none is. */
  get openCommittedAt(): Timestamp | null {
    return this.#open?.at ?? null;
  }

  /** The last whole transaction that was taken since the last restart; null: none. */
  get transaction(): TakenTransaction | null {
    return this.#transaction;
  }

  seal(): BufferedPart[] {
    return this.buffer.seal();
  }

  /** Begins the next extract. */
  restart(): void {
    this.#transaction = null;
    this.buffer.restart();
  }

  /** @throws PenstockError PS2008 when events come in an order that no log has */
  add(event: SourceEvent): void {
    switch (event.tag) {
      case 'begin':
        if (this.#open !== null) throw outOfOrder('begin inside a transaction');
        this.#open = { at: event.at, order: event.order };
        return;
      case 'row':
        this.#row(event);
        return;
      case 'truncate':
        this.#truncate(event.table);
        return;
      case 'obstacle':
        this.#obstacle(event);
        return;
      case 'schema':
        this.#schemas.set(tableId(event.schema.table), event.schema);
        return;
      case 'commit':
        if (this.#open === null) throw outOfOrder('commit outside a transaction');
        this.#open = null;
        this.#transaction = { position: event.position, committedAt: event.committedAt };
        return;
      case 'heartbeat':
        if (this.#open !== null) throw outOfOrder('heartbeat inside a transaction');
        return;
    }
  }

  #row({ change }: Extract<SourceEvent, { tag: 'row' }>): void {
    if (this.#open === null) throw outOfOrder('row outside a transaction');
    const { at, order } = this.#open;
    const id = tableId(change.schema.table);
    const filter = this.#filter(id, order);
    const remainder = filter === null ? change : filter.remainder(change, order);
    if (remainder === null) return;
    if (becameInsert(change, remainder) && remainder.after?.includes(undefined) === true) {
      // Its old place was copied after it had left, its new place before it came: the rest of its values is nowhere.
      this.buffer.obstruct(change.schema, `a row moved between two snapshots of its copy, at ${order}`);
    } else this.buffer.add(remainder, at, order);
  }

  #truncate(table: TableName): void {
    if (this.#open === null) throw outOfOrder('truncate outside a transaction');
    const id = tableId(table);
    const seenBy = this.#filter(id, this.#open.order)?.truncateSeenBy(this.#open.order) ?? 'none';
    if (seenBy === 'all') return;
    const schema = this.#schemas.get(id);
    if (schema === undefined) throw outOfOrder(`truncate of ${id} before its structure`);
    if (seenBy === 'none') this.buffer.truncate(table, schema, this.#open.at);
    else this.buffer.obstruct(schema, `it was truncated between two snapshots of its copy, at ${this.#open.order}`);
  }

  #obstacle({ table, reason }: Extract<SourceEvent, { tag: 'obstacle' }>): void {
    if (this.#open === null) throw outOfOrder('obstacle outside a transaction');
    const id = tableId(table);
    // What lies before the whole copy is not needed any more.
    if (this.#filter(id, this.#open.order)?.truncateSeenBy(this.#open.order) === 'all') return;
    this.buffer.obstruct(this.#schemas.get(id) ?? unknownSchema(table), reason);
  }

  /** A filter that the log has passed is dropped, so that it costs nothing from then on. */
  #filter(id: string, order: string): CopyFilter | null {
    const filter = this.#filters.get(id);
    if (filter === undefined) return null;
    if (!filter.isPast(order)) return filter;
    this.#filters.delete(id);
    return null;
  }

  #table(id: string): FollowedTable {
    const table = this.#followed.get(id);
    if (table === undefined) throw outOfOrder(`a change of ${id}, which is not followed`);
    return table;
  }
}

/** Whether the row left a chunk that was copied without it for one that was copied before it came. */
function becameInsert(change: RowChange, remainder: RowChange): boolean {
  return change.op === 'update' && remainder.op === 'insert';
}

/** For a part without rows. */
function unknownSchema(table: TableName): TableSchema {
  return tableSchema({ table, columns: [], identity: { tag: 'key', columns: [] } });
}

function outOfOrder(what: string): PenstockError {
  return new PenstockError('PS2008', what);
}
