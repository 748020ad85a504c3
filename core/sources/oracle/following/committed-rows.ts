import type { RowChange, RowValues, SourceEvent } from '../../../changes/change.ts';
import { rowKeyOf } from '../../../changes/row-key.ts';
import { tableId, type TableName } from '../../../changes/table-name.ts';
import type { Answer, AskedChange } from './asked-values.ts';

/** An event with what was asked about it; null: it is told as it stands. */
export interface Asked {
  readonly asked: AskedChange;
  readonly answer: Answer;
}

/** A row that was there no more when its transaction had committed. `isNew`: nothing of it was told. */
interface GoneRow {
  readonly isNew: boolean;
}

/**
 * `left`: a row left its key (`change`: the delete) to another one, which had come there before: what is told of that one stands in its place. But
 * where nothing was told of that one, it is still to be told that the key is free.
 */
export type ToldEvent = SourceEvent | { readonly tag: 'left'; readonly change: RowChange };

interface GoneRows {
  readonly table: TableName;
  readonly rows: Map<string, GoneRow>;
}

/** Rows of which the end is still to come, of all tables. */
const MOST_GONE = 100_000;

/**
 * Puts into the changes of transactions what was asked as of their commits. A row that is changed several times in one transaction can be asked
 * for only as it was at the end: so each change that was asked about tells that row, whole, and never a mixture of two states. Of a row that was
 * gone at the end only the end is told, if the row is older than the transaction; an end that does not come stops the table.
 */
export class CommittedRows {
  readonly #gone = new Map<string, GoneRows>();
  readonly #stopped = new Set<string>();
  #told: SourceEvent[] = [];

  /** `asked`: by the places of the events. */
  apply(events: readonly ToldEvent[], asked: ReadonlyMap<number, Asked>): readonly SourceEvent[] {
    if (asked.size === 0 && this.#gone.size === 0) return events.filter((event) => event.tag !== 'left');
    for (const [index, event] of events.entries()) this.#apply(event, asked.get(index) ?? null);
    return this.#told.splice(0);
  }

  #apply(event: ToldEvent, asked: Asked | null): void {
    switch (event.tag) {
      case 'left':
        if (this.#find(event.change, event.change.before ?? [])?.isNew === true) this.#tell(event.change);
        return;
      case 'begin':
        this.#stopped.clear();
        break;
      case 'commit':
        for (const { table } of this.#gone.values())
          this.#stop(table, 'a row that the log tells of was not there when its transaction had committed');
        this.#gone.clear();
        break;
      case 'truncate':
        this.#gone.delete(tableId(event.table));
        break;
      case 'row':
        if (asked !== null) this.#answered(event.change, asked);
        else if (event.change.op === 'delete') this.#deleted(event.change);
        else this.#told.push(event);
        return;
      case 'schema':
      case 'obstacle':
      case 'heartbeat':
        break;
    }
    this.#told.push(event);
  }

  #answered(change: RowChange, { asked, answer }: Asked): void {
    const { table } = change.schema;
    switch (answer.tag) {
      case 'untold':
        this.#stop(table, answer.reason);
        return;
      case 'row':
        if (asked.logged.hasKey) this.#changed(change, answer);
        else this.#filled(change, asked.ask, answer);
        return;
      case 'gone':
        if (asked.logged.hasKey) this.#went(change);
        else this.#stop(table, 'a value that the redo log does not hold cannot be asked: its row has no key');
    }
  }

  #changed(change: RowChange, { values, misfit }: Extract<Answer, { readonly tag: 'row' }>): void {
    const { before, op } = change;
    const known = before === null ? undefined : this.#take(change, before);
    const isNew = known?.isNew === true;
    const whole = { ...change, after: values, misfit };
    this.#tell(isNew && op === 'update' ? { ...whole, op: 'insert', before: null } : whole);
  }

  /** Rows without a key stay as the log tells them, but for the values that it does not hold. */
  #filled(change: RowChange, ask: readonly number[], answer: Extract<Answer, { readonly tag: 'row' }>): void {
    const after = (change.after ?? []).map((value, place) => (ask.includes(place) ? answer.values[place] : value));
    this.#tell({ ...change, after, misfit: change.misfit ?? answer.misfit });
  }

  #went(change: RowChange): void {
    const { schema, op, before, after } = change;
    if (op === 'insert') this.#add(change, after ?? [], { isNew: true });
    else if (before === null) {
      if (this.#find(change, after ?? []) === undefined) this.#add(change, after ?? [], { isNew: false });
    } else {
      if (this.#take(change, before)?.isNew !== true)
        this.#tell({ schema, op: 'delete', before, after: null, misfit: null });
      this.#add(change, after ?? [], { isNew: true });
    }
  }

  #deleted(change: RowChange): void {
    const gone = change.before === null ? undefined : this.#take(change, change.before);
    if (gone?.isNew !== true) this.#tell(change);
  }

  #tell(change: RowChange): void {
    this.#told.push({ tag: 'row', change });
  }

  #find({ schema }: RowChange, values: RowValues): GoneRow | undefined {
    return this.#gone.get(tableId(schema.table))?.rows.get(rowKeyOf(schema, values));
  }

  #take(change: RowChange, values: RowValues): GoneRow | undefined {
    const { schema } = change;
    const id = tableId(schema.table);
    const gone = this.#gone.get(id);
    const found = gone === undefined ? undefined : this.#find(change, values);
    if (gone === undefined || found === undefined) return undefined;
    gone.rows.delete(rowKeyOf(schema, values));
    if (gone.rows.size === 0) this.#gone.delete(id);
    return found;
  }

  #add({ schema }: RowChange, values: RowValues, row: GoneRow): void {
    const { table } = schema;
    const id = tableId(table);
    const gone = this.#gone.get(id) ?? { table, rows: new Map<string, GoneRow>() };
    this.#gone.set(id, gone);
    gone.rows.set(rowKeyOf(schema, values), row);
    if (gone.rows.size <= MOST_GONE) return;
    this.#stop(
      table,
      `more than ${MOST_GONE} rows with values that the log does not hold came and went in one transaction`,
    );
    this.#gone.delete(id);
  }

  /** Once in a transaction. */
  #stop(table: TableName, reason: string): void {
    const id = tableId(table);
    if (this.#stopped.has(id)) return;
    this.#stopped.add(id);
    this.#told.push({ tag: 'obstacle', table, reason });
  }
}
