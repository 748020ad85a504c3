import type { RowValues } from '../../../core/changes/change.ts';
import type { Random } from '../random.ts';
import type { CurrentTable, SourceServer } from './source-server.ts';
import { schemaOf, type FullRow, type RowOperation, type TruncateOperation } from './source-tables.ts';

/** What a run's users do at the source; every seed draws its own. */
export interface WorkloadShape {
  /** Mean milliseconds between transactions. */
  readonly every: number;
  /** Number of different keys: few, so that changes meet. */
  readonly keys: number;
  readonly largeTransaction: number;
  readonly keyChange: number;
  readonly truncate: number;
  readonly addColumn: number;
  /** Chance that a commit's time lies before that of the commit before it, as with real clocks and concurrent commits. */
  readonly timeBackwards: number;
}

export function drawWorkload(random: Random): WorkloadShape {
  return {
    every: random.between(150, 1_500),
    keys: random.between(2, 9),
    largeTransaction: random.chance(0.5) ? 0.05 : 0,
    keyChange: random.chance(0.6) ? random.fraction() * 0.4 : 0,
    truncate: random.chance(0.4) ? 0.05 : 0,
    addColumn: random.chance(0.4) ? 0.05 : 0,
    timeBackwards: random.chance(0.2) ? 0.1 : 0,
  };
}

/** Texts that have broken loaders: escapes, a NULL that is none, cases and spaces that some collations take for equal. */
const TEXTS = ['', 'a', 'A', 'a ', '\\N', '\\', 'tab\there', 'line\nfeed', 'zero\0', 'ü€😀', 'NULL', null] as const;

/** Writes transactions to the source, and what they mean to the oracle. */
export class Workload {
  readonly #server: SourceServer;
  readonly #random: Random;
  readonly #shape: WorkloadShape;
  #lastMicroseconds = 0n;
  #values = 0;

  constructor(server: SourceServer, random: Random, shape: WorkloadShape) {
    this.#server = server;
    this.#random = random;
    this.#shape = shape;
  }

  /** One random transaction, committed at `microseconds` since 1970. */
  transact(microseconds: bigint): void {
    const random = this.#random;
    if (random.chance(this.#shape.addColumn)) this.#addColumn();
    const size = random.chance(this.#shape.largeTransaction) ? random.between(40, 150) : random.between(1, 5);
    this.#commit(microseconds, size, (table) => this.#operation(table));
  }

  /** One change of every table, so that the log has told of every column. */
  touchAll(microseconds: bigint): void {
    const every = [...this.#server.tables];
    this.#commit(microseconds, every.length, () => {
      const table = every.pop();
      if (table === undefined) return null;
      if (table.rows.length > 0) return this.#delete(table) ?? this.#insert(table);
      return this.#insert(table);
    });
  }

  #commit(
    microseconds: bigint,
    size: number,
    operate: (table: CurrentTable) => RowOperation | TruncateOperation | null,
  ): void {
    const random = this.#random;
    const server = this.#server;
    const { commit, end } = server.nextOrders(random.between(1, 40));
    const at = this.#commitTime(microseconds);
    const operations: (RowOperation | TruncateOperation)[] = [];
    const touched = new Set<CurrentTable>();
    for (let count = 0; count < size; count++) {
      const table = server.tables[random.between(0, server.tables.length - 1)]!;
      const operation = operate(table);
      if (operation === null) continue;
      operations.push(operation);
      const changed = server.tables.find((candidate) => candidate.table === operation.table)!;
      touched.add(changed);
      if (!server.failedOver && operation.table.transfer === 'history') this.#version(operation, at, end);
    }
    if (operations.length === 0) return;
    if (!server.failedOver) {
      for (const { table, rows, columns } of touched) {
        server.truth(`shop.${table.name}`).record(end, rows, columns.length);
      }
    }
    server.append({ commit, end, microseconds: at, operations });
  }

  #commitTime(microseconds: bigint): bigint {
    const random = this.#random;
    let at = microseconds;
    if (random.chance(this.#shape.timeBackwards)) at -= BigInt(random.between(1, 3_000_000));
    else if (at < this.#lastMicroseconds) at = this.#lastMicroseconds;
    this.#lastMicroseconds = at;
    return at;
  }

  #version(operation: RowOperation | TruncateOperation, at: bigint, end: string): void {
    const truth = this.#server.truth(`shop.${operation.table.name}`);
    if (operation.tag === 'truncate') {
      truth.endAllVersions(at, end);
      return;
    }
    if (operation.whole.before !== null) truth.endVersion(operation.whole.before[0] ?? '', at, end);
    if (operation.whole.after !== null) truth.beginVersion(operation.whole.after, at, end);
  }

  #operation(table: CurrentTable): RowOperation | TruncateOperation | null {
    const random = this.#random;
    if (random.chance(this.#shape.truncate)) {
      table.rows = [];
      return { tag: 'truncate', table: table.table, schema: table.schema };
    }
    const choice = random.fraction();
    if (choice < 0.35) return this.#insert(table) ?? this.#update(table);
    if (choice < 0.75) return this.#update(table) ?? this.#insert(table);
    return this.#delete(table) ?? this.#insert(table);
  }

  #insert(table: CurrentTable): RowOperation | null {
    const row = table.columns.map((column) => this.#value(column.name));
    if (table.table.keyed) {
      const key = this.#freeKey(table);
      if (key === null) return null;
      row[0] = key;
    }
    table.rows = [...table.rows, row];
    return this.#row(table, 'insert', null, row, null, row);
  }

  #update(table: CurrentTable): RowOperation | null {
    const random = this.#random;
    if (table.rows.length === 0) return null;
    const place = random.between(0, table.rows.length - 1);
    const before = widened(table, table.rows[place]!);
    const after = [...before];
    const first = table.table.keyed ? 1 : 0;
    for (let index = first; index < after.length; index++) {
      if (random.chance(0.5)) after[index] = this.#value(table.columns[index]!.name);
    }
    const newKey = table.table.keyed && random.chance(this.#shape.keyChange) ? this.#freeKey(table) : null;
    if (newKey !== null) after[0] = newKey;
    table.rows = table.rows.map((row, index) => (index === place ? after : row));
    if (!table.table.keyed) return this.#row(table, 'update', before, after, before, after);
    const sent = after.map((value, index) =>
      table.table.toasted.includes(index) && value === before[index] && random.chance(0.6) ? undefined : value,
    );
    return this.#row(table, 'update', newKey === null ? null : keyOnly(before), sent, before, after);
  }

  #delete(table: CurrentTable): RowOperation | null {
    if (table.rows.length === 0) return null;
    const place = this.#random.between(0, table.rows.length - 1);
    const before = widened(table, table.rows[place]!);
    table.rows = table.rows.filter((_, index) => index !== place);
    const sent = table.table.keyed && this.#random.chance(0.7) ? keyOnly(before) : before;
    return this.#row(table, 'delete', sent, null, before, null);
  }

  #row(
    { table, schema }: CurrentTable,
    op: RowOperation['op'],
    before: RowValues | null,
    after: RowValues | null,
    wholeBefore: FullRow | null,
    wholeAfter: FullRow | null,
  ): RowOperation {
    return { tag: 'row', table, schema, op, before, after, whole: { before: wholeBefore, after: wholeAfter } };
  }

  #addColumn(): void {
    const candidates = this.#server.tables.filter(
      ({ table, columns }) => columns.length < table.columns.length + table.later.length,
    );
    const table = this.#random.pick(candidates);
    if (table === undefined) return;
    const column = table.table.later[table.columns.length - table.table.columns.length];
    if (column === undefined) return;
    table.columns = [...table.columns, column];
    table.schema = schemaOf(table.table, table.columns);
    if (!this.#server.failedOver) this.#server.truth(`shop.${table.table.name}`).addColumn(column);
  }

  #freeKey(table: CurrentTable): string | null {
    const key = this.#random.between(1, this.#shape.keys).toString();
    return table.rows.some((row) => row[0] === key) ? null : key;
  }

  #value(column: string): string | null {
    const random = this.#random;
    if (column === 'seconds') return random.chance(0.2) ? null : random.between(0, 2).toString();
    if (column === 'visits') return random.chance(0.1) ? null : (this.#values++).toString();
    if (column === 'page') return random.pick(TEXTS);
    // Mostly a value of its own, so that an old image in place of a new one is seen.
    return random.chance(0.4) ? random.pick(TEXTS) : `v${this.#values++}`;
  }
}

function widened(table: CurrentTable, row: FullRow): FullRow {
  if (row.length === table.columns.length) return row;
  return table.columns.map((column, index) => (index < row.length ? (row[index] ?? null) : column.backfill));
}

function keyOnly(row: FullRow): RowValues {
  return row.map((value, index) => (index === 0 ? value : undefined));
}
