import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Charsets } from './values/charset.ts';
import type { ChosenTables } from './following/chosen-tables.ts';
import { consequencesOf, type Consequence } from './statements/consequences.ts';
import type { StatementEffect } from './statements/ddl.ts';
import { DecodedEvents, type OpenTransaction } from './following/decoded-events.ts';
import type { DecoderRequest, DescribeAnswer, DescribeRequest } from './following/decoder-request.ts';
import { EVENT, readHeader, type Checksum, type EventHeader } from './binlog/event-header.ts';
import {
  parseFormatDescription,
  parseHeartbeat,
  parseIncident,
  parseRotate,
  parseTransactionPayload,
  parseXaPrepare,
} from './binlog/events.ts';
import { FollowedTables } from './following/followed-tables.ts';
import { parseTransactionStart, secondsAt } from './binlog/gtid-event.ts';
import { LogCursor } from './binlog/log-cursor.ts';
import { placeOf, placeOrder, positionAt } from './place.ts';
import { parseQuery } from './binlog/query-event.ts';
import { isRowsEvent } from './row-reader.ts';
import { readStatement } from './statements/logged-statement.ts';

/** What the decoder needs to know of the outside. */
export interface DecoderContext {
  /** Transactions that begin before it were delivered earlier. */
  readonly after: SourcePosition;
  readonly chosen: ChosenTables;
  readonly charsets: Charsets;
  /** Of the events before the first format description. */
  readonly checksum: Checksum;
  /** Where the dump begins, where that is not `after`. */
  readonly from: { readonly file: string; readonly position: number };
  /** The time, for events that say none. */
  readonly now: () => Timestamp;
}

/** Types of events that carry nothing of interest. */
const PASSED_OVER = new Set<number>([
  EVENT.stop,
  EVENT.rowsQuery,
  EVENT.previousGtids,
  EVENT.annotateRows,
  EVENT.binlogCheckpoint,
  EVENT.mariaDbGtidList,
  EVENT.startEncryption,
  ...[5, 13, 14], // what a statement that follows as text refers to
  ...[9, 11, 17], // files of LOAD DATA, likewise
  ...[36, 37], // of group replication
]);
/** LOAD DATA as a statement. */
const EXECUTE_LOAD_QUERY = 18;
const PREPARED = 'a transaction in two phases (XA) was logged before it was known whether it would be committed';
const PARTIAL = 'a row was updated in parts of a JSON value (binlog_row_value_options)';
/** Each begins a transaction. */
const STARTS = new Set<number>([EVENT.gtid, EVENT.anonymousGtid, EVENT.gtidTagged, EVENT.mariaDbGtid]);

/**
 * Events of a dump → changes. Knows nothing of the network: it is fed with events, and asks for what it cannot know (the structure of a
 * table as information_schema has it, the plain bytes of a compressed transaction) by returning a request.
 */
export class LogDecoder {
  readonly #context: DecoderContext;
  readonly #events: DecodedEvents;
  readonly #cursor: LogCursor;
  readonly #tables: FollowedTables;
  #checksum: Checksum;
  #expectedCreated: number | null;
  #gtid: string | null;
  #isInPayload = false;

  constructor(context: DecoderContext) {
    this.#context = context;
    const after = placeOf(context.after);
    this.#events = new DecodedEvents(context.after);
    this.#cursor = new LogCursor(context.from.file, context.from.position);
    this.#tables = new FollowedTables(context.chosen, this.#events, after.alterations ?? {});
    this.#checksum = context.checksum;
    this.#expectedCreated = context.from.file === after.file ? after.created : null;
    this.#gtid = after.gtid;
  }

  get eventCount(): number {
    return this.#events.count;
  }

  /** The events since the last call. */
  take(): SourceEvent[] {
    return this.#events.take();
  }

  /**
   * One event. @returns what is to be found out first, or null
   * @throws PenstockError PS2001, PS2006, PS2008
   */
  decode(buffer: Buffer, start: number, end: number): DecoderRequest | null {
    const isFormat = buffer[start + 4] === EVENT.formatDescription;
    const header = readHeader(buffer, start, end, isFormat || this.#isInPayload ? 'none' : this.#checksum);
    if (isRowsEvent(header.type)) {
      this.#advance(header);
      if (!this.#isDelivered) this.#tables.takeRows(buffer, header);
      return null;
    }
    switch (header.type) {
      case EVENT.tableMap:
        return this.#tableMap(buffer, header);
      case EVENT.query:
      case EVENT.queryCompressed:
        return this.#query(buffer, header);
      case EVENT.transactionPayload:
        return this.#payload(buffer, header);
      default:
        this.#plain(buffer, header, start, end);
        return null;
    }
  }

  /** What was found out for a request. */
  answer(request: DescribeRequest, answer: DescribeAnswer): void {
    this.#tables.answer(request, answer);
  }

  /** All events of a compressed transaction were decoded. */
  endPayload(): void {
    this.#isInPayload = false;
  }

  #plain(buffer: Buffer, header: EventHeader, start: number, end: number): void {
    if (this.#file(buffer, header, start, end)) return;
    if (STARTS.has(header.type)) this.#abandon();
    const at = this.#advance(header);
    switch (header.type) {
      case EVENT.gtid:
      case EVENT.anonymousGtid:
      case EVENT.gtidTagged:
      case EVENT.mariaDbGtid: {
        const { isStandalone, ...transaction } = parseTransactionStart(buffer, header);
        // MariaDB writes no BEGIN behind it; MySQL does.
        const isExplicit = header.type === EVENT.mariaDbGtid && !isStandalone;
        this.#begin({ ...transaction, isExplicit }, at);
        return;
      }
      case EVENT.xid:
        this.#commit();
        return;
      case EVENT.xaPrepare:
        if (!parseXaPrepare(buffer, header).onePhase) this.#events.obstructWritten(PREPARED);
        this.#commit();
        return;
      case EVENT.partialUpdateRows:
        if (!this.#isDelivered) this.#tables.obstructRows(buffer, header, PARTIAL);
        return;
      case EXECUTE_LOAD_QUERY:
        if (!this.#isDelivered)
          this.#apply(consequencesOf([{ tag: 'statement', schemas: null }], this.#context.chosen, true));
        return;
      default:
        if (!PASSED_OVER.has(header.type) && !header.isIgnorable) {
          throw new PenstockError('PS2008', `the log has an event of type ${header.type}, which is not known`);
        }
        this.#reach(header);
    }
  }

  /** Events about the file or the connection, not about changes. @returns false for others */
  #file(buffer: Buffer, header: EventHeader, start: number, end: number): boolean {
    switch (header.type) {
      case EVENT.rotate:
        this.#advance(header);
        this.#cursor.rotate(parseRotate(buffer, header));
        return true;
      case EVENT.formatDescription: {
        const format = parseFormatDescription(buffer, header);
        if (format.checksum !== 'none') readHeader(buffer, start, end, format.checksum);
        this.#checksum = format.checksum;
        const tableMapHead = format.postHeaderLengths[EVENT.tableMap - 1];
        const isMariaDb = /mariadb/i.test(format.serverVersion);
        this.#tables.beginFile({ idBytes: tableMapHead === 6 ? 4 : 6, isMariaDb });
        this.#abandon();
        this.#cursor.identify(format.created, this.#expectedCreated);
        this.#expectedCreated = null;
        this.#advance(header);
        this.#reach(header);
        return true;
      }
      case EVENT.heartbeat:
      case EVENT.heartbeatV2: {
        const place = parseHeartbeat(buffer, header);
        if (place?.file === this.#cursor.file && this.#events.open === null) {
          if (place.position > this.#cursor.position) this.#cursor.position = place.position;
          this.#reach(header);
        }
        return true;
      }
      case EVENT.incident:
        throw new PenstockError(
          'PS2006',
          `the server lost changes that are not in its log: ${parseIncident(buffer, header)}`,
        );
      default:
        return false;
    }
  }

  /** @returns where the event begins */
  #advance(header: EventHeader): number {
    // Inside a compressed transaction positions are of no file; all of it lies before the place behind it.
    return this.#isInPayload ? this.#cursor.position : this.#cursor.advance(header);
  }

  #begin(start: Pick<OpenTransaction, 'at' | 'gtid' | 'isPrepared' | 'isExplicit'>, position: number): void {
    this.#tables.beginTransaction();
    const order = placeOrder(this.#cursor.file, position);
    this.#events.begin({ ...start, order, isDelivered: order < this.#context.after.order });
  }

  #commit(): void {
    const { open } = this.#events;
    if (open === null) throw new PenstockError('PS2008', 'the log ends a transaction that did not begin');
    if (open.isPrepared) this.#events.obstructWritten(PREPARED);
    this.#gtid = open.gtid ?? this.#gtid;
    this.#events.commit(this.#position());
  }

  /** A transaction that the log does not end: the server stopped in it, and nobody will see its rows. */
  #abandon(): void {
    if (this.#events.open === null) return;
    this.#events.obstructWritten('the server stopped in the middle of a transaction that is in the log');
    this.#commit();
  }

  #reach(header: EventHeader): void {
    if (this.#events.open !== null || this.#cursor.created === null) return;
    const at = header.timestamp === 0 ? this.#context.now() : secondsAt(header);
    this.#events.reach(this.#position(), at);
  }

  #position(): SourcePosition {
    const { file, position, created } = this.#cursor;
    const notes = this.#tables.notesAt(placeOrder(file, position));
    const place = { file, position, created, gtid: this.#gtid };
    return positionAt(this.#context.after.lineage, notes === null ? place : { ...place, alterations: notes });
  }

  #tableMap(buffer: Buffer, header: EventHeader): DecoderRequest | null {
    const request = this.#isDelivered ? null : this.#tables.takeMap(buffer, header);
    if (request === null) this.#advance(header);
    return request;
  }

  get #isDelivered(): boolean {
    return this.#events.open?.isDelivered === true;
  }

  #payload(buffer: Buffer, header: EventHeader): DecoderRequest | null {
    if (this.#isInPayload) throw new PenstockError('PS2008', 'a compressed transaction holds another one');
    this.#advance(header);
    if (this.#isDelivered) {
      this.#commit();
      return null;
    }
    this.#isInPayload = true;
    return { tag: 'payload', ...parseTransactionPayload(buffer, header) };
  }

  #query(buffer: Buffer, header: EventHeader): DecoderRequest | null {
    const { effects, isStrict } = readStatement(parseQuery(buffer, header), this.#context.charsets);
    const consequences = this.#isDelivered ? [] : consequencesOf(effects, this.#context.chosen, isStrict);
    const request = this.#tables.unknownStructure(consequences);
    if (request !== null) return request;
    const at = this.#advance(header);
    if (this.#events.open === null) {
      const isExplicit = effects.some(({ tag }) => tag === 'begin' || tag === 'xaStart');
      this.#begin({ at: secondsAt(header), gtid: null, isPrepared: false, isExplicit }, at);
    }
    this.#apply(consequences);
    for (const effect of effects) this.#frame(effect);
    if (this.#events.open?.isExplicit === false) this.#commit();
    return null;
  }

  #apply(consequences: readonly Consequence[]): void {
    this.#tables.apply(consequences, placeOrder(this.#cursor.file, this.#cursor.position));
  }

  /** What a statement says of the transaction itself. */
  #frame({ tag }: StatementEffect): void {
    const { open } = this.#events;
    if (open === null) return;
    if (tag === 'begin' || tag === 'xaStart') open.isExplicit = true;
    else if (tag === 'commit') this.#commit();
    else if (tag === 'rollback') {
      this.#events.obstructWritten('a transaction was rolled back whose rows are in the log');
      this.#commit();
    }
  }
}
