import type { RowChange, SourceEvent } from '../../../changes/change.ts';
import type { SourcePosition } from '../../../changes/position.ts';
import { tableId, type TableName } from '../../../changes/table-name.ts';
import type { TableSchema } from '../../../changes/table-schema.ts';
import type { Timestamp } from '../../../changes/timestamp.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';

/** A transaction that is open in the log. */
export interface OpenTransaction {
  readonly at: Timestamp;
  /** Where it begins. */
  readonly order: string;
  readonly gtid: string | null;
  readonly isDelivered: boolean;
  /** It was only prepared: what becomes of it stands elsewhere. */
  readonly isPrepared: boolean;
  /** Something ends it; else it ends with the statement that is all of it. */
  isExplicit: boolean;
}

/** Puts the events of a log in the order that the port asks for: what must stand before something goes out just before it. */
export class DecodedEvents {
  #events: SourceEvent[] = [];
  #open: OpenTransaction | null = null;
  /** Whether the open transaction's begin event went out: it does so with its first event. */
  #isBegun = false;
  /** Chosen tables with rows in the open transaction, and those of which was told that they cannot be followed. */
  readonly #written = new Map<string, TableName>();
  readonly #obstructed = new Set<string>();
  readonly #announced = new Map<string, TableSchema>();
  /** A place without anything of interest before it, told when nothing else tells more. */
  #reached: { readonly position: SourcePosition; readonly at: Timestamp } | null = null;
  #lastOrder: string;

  constructor(after: SourcePosition) {
    this.#lastOrder = after.order;
  }

  get count(): number {
    return this.#events.length;
  }

  get open(): OpenTransaction | null {
    return this.#open;
  }

  /** The structure that was announced last. */
  announced(table: TableName): TableSchema | null {
    return this.#announced.get(tableId(table)) ?? null;
  }

  /** The events since the last call. */
  take(): SourceEvent[] {
    if (this.#reached !== null && !this.#isBegun) {
      const { position, at } = this.#reached;
      if (position.order > this.#lastOrder) {
        this.#events.push({ tag: 'heartbeat', position, at });
        this.#lastOrder = position.order;
      }
      this.#reached = null;
    }
    const events = this.#events;
    this.#events = [];
    return events;
  }

  begin(transaction: OpenTransaction): void {
    this.#open = transaction;
    this.#isBegun = false;
    this.#written.clear();
    this.#obstructed.clear();
  }

  /** Stands before rows of this structure. */
  announce(schema: TableSchema): void {
    this.#requireBegin();
    const id = tableId(schema.table);
    this.#written.set(id, schema.table);
    if (this.#announced.get(id) === schema) return;
    this.#announced.set(id, schema);
    this.#events.push({ tag: 'schema', schema });
  }

  /** A row of the structure that was announced. */
  readonly row = (change: RowChange): void => {
    this.#events.push({ tag: 'row', change });
  };

  truncate(schema: TableSchema): void {
    this.announce(schema);
    this.#events.push({ tag: 'truncate', table: schema.table });
  }

  /** Told once in a transaction. */
  obstruct(table: TableName, reason: string): void {
    const id = tableId(table);
    if (this.#obstructed.has(id)) return;
    this.#requireBegin();
    this.#obstructed.add(id);
    this.#events.push({ tag: 'obstacle', table, reason });
  }

  /** All tables with rows in the open transaction, whose rows may not be as the log has them. */
  obstructWritten(reason: string): void {
    for (const table of this.#written.values()) this.obstruct(table, reason);
  }

  /** @returns whether anything of it went out */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  commit(position: SourcePosition): void {
    const open = this.#requireOpen();
    this.#open = null;
    if (!this.#isBegun) {
      if (!open.isDelivered) this.reach(position, open.at);
      return;
    }
    this.#isBegun = false;
    this.#events.push({ tag: 'commit', position, committedAt: open.at });
    this.#lastOrder = position.order;
    this.#reached = null;
  }

  /** Outside a transaction: nothing of interest lies before this place. */
  reach(position: SourcePosition, at: Timestamp): void {
    if (this.#reached === null || position.order > this.#reached.position.order) this.#reached = { position, at };
  }

  #requireOpen(): OpenTransaction {
    if (this.#open === null) throw new PenstockError('PS2008', 'the log has a change outside a transaction');
    return this.#open;
  }

  #requireBegin(): void {
    const { at, order } = this.#requireOpen();
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#events.push({ tag: 'begin', at, order });
  }
}
