import type { RowChange, RowValues, SourceEvent } from '../../../core/changes/change.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import { tableId } from '../../../core/changes/table-name.ts';
import { keyOrdinals, type TableSchema } from '../../../core/changes/table-schema.ts';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** What the port promises of the order and form of events, for one stream. Every stream that the suite reads goes through it. */
export class EventOrder {
  #reached: SourcePosition;
  #open: { readonly order: string; readonly at: string } | null = null;
  readonly #schemas = new Map<string, TableSchema>();

  constructor(after: SourcePosition) {
    this.#reached = after;
  }

  /** @throws Error that says which promise was broken */
  accept(event: SourceEvent): void {
    switch (event.tag) {
      case 'begin':
        this.#require(this.#open === null, 'begin inside a transaction');
        this.#require(TIMESTAMP.test(event.at), `begin at ${event.at}`);
        this.#require(event.order >= this.#reached.order, `begin ${event.order} before ${this.#reached.order}`);
        this.#open = event;
        return;
      case 'commit':
        this.#commit(event);
        return;
      case 'heartbeat':
        this.#require(this.#open === null, 'heartbeat inside a transaction');
        this.#move(event.position);
        return;
      case 'schema':
        this.#require(this.#open !== null, 'schema outside a transaction');
        this.#schemas.set(tableId(event.schema.table), event.schema);
        return;
      case 'obstacle':
        this.#require(this.#open !== null, 'obstacle outside a transaction');
        return;
      case 'truncate':
        this.#require(this.#open !== null, 'truncate outside a transaction');
        this.#require(this.#schemas.has(tableId(event.table)), 'truncate of a table that was not announced');
        return;
      case 'row':
        this.#row(event.change);
    }
  }

  #commit(event: Extract<SourceEvent, { tag: 'commit' }>): void {
    if (this.#open === null) throw new Error('commit without begin');
    this.#require(event.committedAt === this.#open.at, 'commit at another time than its begin says');
    this.#require(event.position.order > this.#open.order, 'commit not behind its begin');
    this.#open = null;
    this.#move(event.position);
  }

  #move(position: SourcePosition): void {
    this.#require(position.lineage === this.#reached.lineage, `lineage ${position.lineage}`);
    this.#require(position.order >= this.#reached.order, `position ${position.order} after ${this.#reached.order}`);
    this.#reached = position;
  }

  #row(change: RowChange): void {
    const id = tableId(change.schema.table);
    this.#require(this.#open !== null, `row of ${id} outside a transaction`);
    const announced = this.#schemas.get(id)?.fingerprint;
    this.#require(announced === change.schema.fingerprint, `row of ${id} with a schema that was not announced`);
    const { before, after, op, schema } = change;
    this.#require((after === null) === (op === 'delete'), `${op} of ${id}: after`);
    if (op !== 'update') this.#require((before === null) === (op === 'insert'), `${op} of ${id}: before`);
    for (const values of [before, after]) if (values !== null) this.#identified(schema, values, change);
    if (op === 'update' && before !== null && after !== null && schema.identity.tag === 'key') {
      const moved = keyOrdinals(schema).some((ordinal) => before[ordinal] !== after[ordinal]);
      this.#require(moved, `update of ${id} with a before that has the same key`);
    }
    if (op === 'update' && schema.identity.tag === 'row')
      this.#require(before !== null, `update of ${id} without before`);
  }

  #identified(schema: TableSchema, values: RowValues, change: RowChange): void {
    const id = tableId(schema.table);
    this.#require(values.length === schema.columns.length, `${change.op} of ${id}: ${values.length} values`);
    const needed = schema.identity.tag === 'row' ? [...values.keys()] : keyOrdinals(schema);
    for (const ordinal of needed) {
      this.#require(values[ordinal] !== undefined, `${change.op} of ${id}: a value that identifies the row is absent`);
      if (schema.identity.tag === 'key' && change.misfit === null)
        this.#require(values[ordinal] !== null, `${change.op} of ${id}: NULL in the key`);
    }
  }

  #require(holds: boolean, what: string): void {
    if (!holds) throw new Error(`the stream breaks the port's promise: ${what}`);
  }
}
