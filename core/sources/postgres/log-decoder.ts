import type { RowChange, SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId, type TableName } from '../../changes/table-name.ts';
import { timestampFromMicroseconds, type Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { LETTER, unexpected, type RowLetter } from './wire/log-letters.ts';
import { LateKeys } from '../late-keys.ts';
import { parseRelation, type RelationMessage, type RelationPlan } from './logged-table.ts';
import { RowReader } from './row-reader.ts';

/** XLogData: letter, start, end and time of 8 bytes each. */
const DATA_HEADER = 25;
/** Microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL's time begins. */
const EPOCH_MICROSECONDS = 946_684_800_000_000n;

/** What the decoder needs to know of the outside. */
export interface DecoderContext {
  readonly lineage: string;
  /** Transactions whose commit lies before it were delivered earlier. */
  readonly after: SourcePosition;
  /** The chosen table that a relation is, by its OID or else its name; null: it was not chosen. */
  readonly chosen: (relation: RelationMessage) => TableName | null;
}

/**
 * Messages of one replication connection, protocol 1, → events. Decodes straight to arrays of canonical text.
 * Knows nothing of the network: it is fed with message bodies, and asks for the structure of a relation by returning its message.
 */
export class LogDecoder {
  readonly #context: DecoderContext;
  /** By OID; null: not selected. */
  readonly #relations = new Map<number, RelationPlan | null>();
  /** By OID: relations that cannot be followed any more; null once it was told. */
  readonly #obstacles = new Map<number, Extract<SourceEvent, { tag: 'obstacle' }> | null>();
  #events: SourceEvent[] = [];
  /** The transaction that is open in the log; its begin event goes out with its first event. */
  #open: { readonly at: Timestamp; readonly order: string; readonly isDelivered: boolean; begun: boolean } | null =
    null;
  /** A place without anything of interest before it, told when nothing else tells more. */
  #reached: { readonly position: SourcePosition; readonly at: Timestamp } | null = null;
  #lastOrder: string;
  readonly #late = new LateKeys();
  /** Whether an obstacle was told of a table with a late key, in the transaction that is open: by OID. */
  readonly #untold = new Set<number>();
  /** Set by a keepalive that wants an answer. */
  replyRequested = false;
  /** When the server sent the last keepalive, microseconds since 1970 by its clock. */
  keepaliveAt = 0n;

  // The message that is being read.
  #buffer: Buffer = Buffer.alloc(0);
  #offset = 0;
  #end = 0;
  readonly #rows = new RowReader();

  constructor(context: DecoderContext) {
    this.#context = context;
    this.#lastOrder = context.after.order;
  }

  get eventCount(): number {
    return this.#events.length;
  }

  /** The events since the last call. */
  take(): SourceEvent[] {
    if (this.#reached !== null && this.#open?.begun !== true) {
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

  /**
   * One CopyData body. @returns a relation whose plan must be set by `setRelation` before the next message, or null
   * @throws PenstockError PS2008, PS2011
   */
  decode(buffer: Buffer, start: number, end: number): RelationMessage | null {
    this.#buffer = buffer;
    this.#end = end;
    if (buffer[start] === LETTER.keepalive) {
      this.#keepalive(start + 1);
      return null;
    }
    if (buffer[start] !== LETTER.data) throw unexpected('a replication message', buffer[start]);
    const letter = buffer[start + DATA_HEADER] ?? 0;
    this.#offset = start + DATA_HEADER + 1;
    switch (letter) {
      case LETTER.insert:
      case LETTER.update:
      case LETTER.delete:
        this.#row(letter);
        return null;
      case LETTER.begin:
        this.#begin();
        return null;
      case LETTER.commit:
        this.#commit();
        return null;
      case LETTER.relation:
        return this.#relation();
      case LETTER.truncate:
        this.#truncate();
        return null;
      case LETTER.type:
      case LETTER.origin:
      case LETTER.message:
        return null;
      default:
        throw unexpected('a message of the log', letter);
    }
  }

  /** The plan for a relation that `decode` returned. */
  setRelation(oid: number, plan: RelationPlan): void {
    // It can be read again: a copy that was made meanwhile goes on from here.
    this.#obstacles.delete(oid);
    if (!plan.announced || !plan.isKeyLate) this.#tell(this.#late.forget(oid));
    this.#relations.set(oid, plan);
  }

  /** Instead of a plan: the relation cannot be followed from here on. Told with its next change; later ones are left out until it has another plan. */
  obstruct(oid: number, table: TableName, reason: string): void {
    if (!this.#obstacles.has(oid)) this.#obstacles.set(oid, { tag: 'obstacle', table, reason });
  }

  /** The last plan of a relation, for what must not change between its messages. */
  relation(oid: number): RelationPlan | null {
    return this.#relations.get(oid) ?? null;
  }

  #keepalive(offset: number): void {
    if (this.#buffer[offset + 16] === 1) this.replyRequested = true;
    this.keepaliveAt = this.#buffer.readBigInt64BE(offset + 8) + EPOCH_MICROSECONDS;
    if (this.#open !== null) return;
    this.#reach({ position: this.#position(offset), at: timestampFromMicroseconds(this.keepaliveAt) });
  }

  /** It was proven that nothing more is to come before `position`, though the server does not say so. */
  reachIdle(position: SourcePosition): void {
    if (this.#open === null) this.#reach({ position, at: timestampFromMicroseconds(this.keepaliveAt) });
  }

  #reach(place: { readonly position: SourcePosition; readonly at: Timestamp }): void {
    if (this.#reached === null || place.position.order > this.#reached.position.order) this.#reached = place;
  }

  #begin(): void {
    const order = this.#order(this.#offset);
    this.#open = {
      at: this.#time(this.#offset + 8),
      order,
      isDelivered: order < this.#context.after.order,
      begun: false,
    };
  }

  #commit(): void {
    const open = this.#open;
    if (open === null) throw new PenstockError('PS2008', 'the log commits a transaction that did not begin');
    const position = this.#position(this.#offset + 9);
    this.#tell(this.#late.end());
    this.#untold.clear();
    this.#open = null;
    if (open.isDelivered) return;
    if (open.begun) {
      this.#events.push({ tag: 'commit', position, committedAt: open.at });
      this.#lastOrder = position.order;
      this.#reached = null;
    } else this.#reach({ position, at: open.at });
  }

  #relation(): RelationMessage | null {
    const relation = parseRelation(this.#buffer, this.#offset, this.#end);
    const table = this.#context.chosen(relation);
    if (table !== null) return { ...relation, table };
    const known = this.#relations.get(relation.oid) ?? null;
    if (known === null) this.#relations.set(relation.oid, null);
    else this.obstruct(relation.oid, known.schema.table, `it was renamed to ${tableId(relation.table)}`);
    return null;
  }

  #truncate(): void {
    const count = this.#buffer.readUInt32BE(this.#offset);
    for (let index = 0; index < count; index++) {
      const oid = this.#buffer.readUInt32BE(this.#offset + 5 + 4 * index);
      const plan = this.#planOf(oid);
      if (plan === null || !this.#announce(plan)) continue;
      this.#late.truncate(oid);
      this.#events.push({ tag: 'truncate', table: plan.schema.table });
    }
  }

  #row(letter: RowLetter): void {
    const oid = this.#buffer.readUInt32BE(this.#offset);
    const plan = this.#planOf(oid);
    if (plan === null || !this.#announce(plan)) return;
    const change = this.#rows.read(letter, plan, this.#buffer, this.#offset + 4, this.#end);
    if (change !== null) {
      if (plan.isKeyLate) this.#addLate(oid, change);
      else this.#events.push({ tag: 'row', change });
      return;
    }
    this.obstruct(oid, plan.schema.table, 'the log does not say which row was changed');
    this.#planOf(oid);
  }

  #addLate(oid: number, change: RowChange): void {
    const { changes, isUntold } = this.#late.add(oid, change);
    this.#tell(changes);
    if (!isUntold || this.#untold.has(oid)) return;
    this.#untold.add(oid);
    const reason =
      'a transaction brought more rows to it than can be kept in mind, and changed rows then: as two may have one key until it ends, the log does not tell them apart';
    this.#events.push({ tag: 'obstacle', table: change.schema.table, reason });
  }

  #tell(changes: readonly RowChange[]): void {
    for (const change of changes) this.#events.push({ tag: 'row', change });
  }

  /** Sends what must stand before a row of this relation. @returns false when the transaction was delivered earlier */
  #announce(plan: RelationPlan): boolean {
    if (!this.#announceBegin()) return false;
    if (!plan.announced) {
      plan.announced = true;
      this.#events.push({ tag: 'schema', schema: plan.schema });
    }
    return true;
  }

  /** @returns false when the transaction was delivered earlier */
  #announceBegin(): boolean {
    const open = this.#open;
    if (open === null) throw new PenstockError('PS2008', 'the log has a change outside a transaction');
    if (open.isDelivered) return false;
    if (!open.begun) {
      open.begun = true;
      this.#events.push({ tag: 'begin', at: open.at, order: open.order });
    }
    return true;
  }

  #planOf(oid: number): RelationPlan | null {
    const obstacle = this.#obstacles.get(oid);
    if (obstacle !== undefined) {
      if (obstacle !== null && this.#announceBegin()) {
        this.#events.push(obstacle);
        this.#obstacles.set(oid, null);
      }
      return null;
    }
    const plan = this.#relations.get(oid);
    if (plan === undefined)
      throw new PenstockError('PS2008', `the log has a change of relation ${oid} before its structure`);
    return plan;
  }

  #order(offset: number): string {
    return this.#buffer.toString('hex', offset, offset + 8);
  }

  #position(offset: number): SourcePosition {
    const high = this.#buffer.readUInt32BE(offset).toString(16).toUpperCase();
    const low = this.#buffer
      .readUInt32BE(offset + 4)
      .toString(16)
      .toUpperCase();
    return { lineage: this.#context.lineage, order: this.#order(offset), resume: `${high}/${low}` };
  }

  #time(offset: number): Timestamp {
    return timestampFromMicroseconds(this.#buffer.readBigInt64BE(offset) + EPOCH_MICROSECONDS);
  }
}
