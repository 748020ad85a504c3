import { tableId, type TableName } from '../../../changes/table-name.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import { AlterationWatch, type AlterationNotes } from '../statements/alteration-watch.ts';
import type { ChosenTables } from './chosen-tables.ts';
import { isHarmless, type Consequence } from '../statements/consequences.ts';
import type { DecodedEvents } from './decoded-events.ts';
import type { DescribeAnswer, DescribeRequest } from './decoder-request.ts';
import type { EventHeader } from '../binlog/event-header.ts';
import { RowReader } from '../row-reader.ts';
import { parseTableMap, parseTableMapName, type TableMap, type TableMapFormat } from '../binlog/table-map.ts';
import { TableMaps, type MappedRows } from './table-maps.ts';

/** The table of a rows event without rows, which ends a statement. */
const NO_TABLE = 0xff_ff_ff;
const NAMELESS = 'it was altered, and the log has no column names (binlog_row_metadata=FULL was not set)';

/** What the log says of the chosen tables: their structure, their rows, and what statements do to both. */
export class FollowedTables {
  readonly #chosen: ChosenTables;
  readonly #events: DecodedEvents;
  readonly #watch: AlterationWatch;
  readonly #maps = new TableMaps();
  readonly #rows = new RowReader();
  /** Answers for tables that are truncated before any of their rows came. */
  readonly #structures = new Map<string, DescribeAnswer>();
  /** Chosen tables whose last table map had no names. */
  readonly #nameless = new Set<string>();
  #format: TableMapFormat = { idBytes: 6, isMariaDb: false };

  constructor(chosen: ChosenTables, events: DecodedEvents, notes: AlterationNotes) {
    this.#chosen = chosen;
    this.#events = events;
    this.#watch = new AlterationWatch(notes);
  }

  /** A file begins: the server may have been started again, and numbers its tables anew. */
  beginFile(format: TableMapFormat): void {
    this.#format = format;
    this.#maps.forgetNumbers();
  }

  beginTransaction(): void {
    this.#maps.trim();
  }

  /** Alterations before a place that are not all read there; null: none. */
  notesAt(order: string): AlterationNotes | null {
    return this.#watch.notesAt(order);
  }

  /** A table map. @returns what is to be found out before it is of use, or null */
  takeMap(buffer: Buffer, header: EventHeader): DescribeRequest | null {
    const { idBytes } = this.#format;
    const number = buffer.readUIntLE(header.start, idBytes);
    if (this.#maps.recall(number, buffer, header, idBytes)) return null;
    const { table: name } = parseTableMapName(buffer, header, idBytes);
    const bytes = Buffer.from(buffer.subarray(header.start, header.end));
    const table = this.#chosen.find(name);
    if (table !== null)
      return this.#describe(table, parseTableMap(buffer, header, this.#format), bytes, header.timestamp);
    this.#maps.learn(number, bytes, idBytes, { tag: 'notChosen' });
    return null;
  }

  /** A truncated table whose structure is to be found out, so that it can be announced; null: none. */
  unknownStructure(consequences: readonly Consequence[]): DescribeRequest | null {
    for (const { tag, table } of consequences) {
      if (tag !== 'truncate' || this.#structures.has(tableId(table)) || this.#events.announced(table) !== null)
        continue;
      return this.#describe(table, null, Buffer.alloc(0), 0);
    }
    return null;
  }

  #describe(table: TableName, map: TableMap | null, bytes: Buffer, writtenAt: number): DescribeRequest {
    const id = tableId(table);
    const isUncertain = (column: string) => this.#watch.isUncertain(id, column);
    return { tag: 'describe', table, map, bytes, earlier: this.#events.announced(table), isUncertain, writtenAt };
  }

  /** What was found out for a request. */
  answer({ table, map, bytes }: DescribeRequest, answer: DescribeAnswer): void {
    const id = tableId(table);
    if (map === null || answer.tag === 'schema') {
      if (answer.tag === 'schema') this.#watch.described(id, null, answer.until);
      this.#structures.set(id, answer);
      return;
    }
    if (map.isFull) this.#nameless.delete(id);
    else this.#nameless.add(id);
    if (answer.tag === 'plan') this.#watch.described(id, answer.trusted, answer.until);
    const rows: MappedRows =
      answer.tag === 'plan'
        ? { tag: 'read', table, plan: answer.plan }
        : { tag: 'obstacle', table, reason: answer.reason };
    this.#maps.learn(map.tableId, bytes, this.#format.idBytes, rows);
  }

  takeRows(buffer: Buffer, header: EventHeader): void {
    const mapped = this.#mapped(buffer, header);
    if (mapped === null) return;
    if (mapped.tag === 'obstacle') {
      this.#events.obstruct(mapped.table, mapped.reason);
      return;
    }
    const { table, plan } = mapped;
    this.#events.announce(plan.schema);
    const isTold = this.#rows.read(plan, buffer, header, this.#format.idBytes, this.#events.row);
    if (!isTold)
      this.#events.obstruct(
        table,
        'the log leaves out which row was changed, or defaults of a new one (binlog_row_image)',
      );
  }

  /** Rows in a form that is not read. */
  obstructRows(buffer: Buffer, header: EventHeader, reason: string): void {
    const mapped = this.#mapped(buffer, header);
    if (mapped !== null) this.#events.obstruct(mapped.table, reason);
  }

  #mapped(buffer: Buffer, header: EventHeader): Exclude<MappedRows, { tag: 'notChosen' }> | null {
    const number = buffer.readUIntLE(header.start, this.#format.idBytes);
    if (number === NO_TABLE) return null;
    const rows = this.#maps.rowsOf(number);
    if (rows === undefined) {
      throw new PenstockError('PS2008', `the log has rows of table ${number} before its structure`);
    }
    return rows.tag === 'notChosen' ? null : rows;
  }

  /** A statement ended at the place of this order. */
  apply(consequences: readonly Consequence[], order: string): void {
    for (const consequence of consequences) this.#apply(consequence, order);
    this.#structures.clear();
  }

  #apply(consequence: Consequence, order: string): void {
    const { table } = consequence;
    const id = tableId(table);
    switch (consequence.tag) {
      case 'truncate': {
        const answer = this.#structures.get(id);
        const schema = this.#events.announced(table) ?? (answer?.tag === 'schema' ? answer.schema : null);
        if (schema !== null) this.#events.truncate(schema);
        else this.#events.obstruct(table, answer?.tag === 'obstacle' ? answer.reason : 'it was truncated');
        return;
      }
      case 'obstacle':
        this.#events.obstruct(table, consequence.reason);
        if (!consequence.isOther) return;
        this.#maps.forgetAll();
        this.#watch.forget(id);
        return;
      case 'altered': {
        if (isHarmless(consequence.alteration)) return;
        this.#maps.forgetAll();
        const reason = this.#watch.altered(id, order, consequence.alteration);
        if (this.#nameless.has(id)) this.#events.obstruct(table, NAMELESS);
        else if (reason !== null) this.#events.obstruct(table, reason);
      }
    }
  }
}
