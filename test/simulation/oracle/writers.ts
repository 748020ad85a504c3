import { redoOfRow } from '../../fixtures/oracle-fake/lob-pieces.ts';
import type { RowRedo } from '../../fixtures/oracle-fake/redo-record.ts';
import { FakeTransaction } from '../../fixtures/oracle-fake/transaction.ts';
import type { Random } from '../random.ts';
import type { Container, Database } from './database.ts';
import type { History, RowEdit } from './history.ts';
import { imageOf, tableNamed, versionOf, type Values } from './tables.ts';
import type { TableVersion } from '../../fixtures/oracle-fake/dictionary.ts';

/** A change with the place of its row. */
interface PlacedEdit extends RowEdit {
  readonly place: number;
}

interface LiveRow {
  readonly table: string;
  readonly values: Values;
}

/** Rows of a container as its sessions see them, and who has changed them. */
class LiveRows {
  readonly container: Container;
  /** By place. */
  readonly rows = new Map<number, LiveRow>();
  readonly locks = new Map<number, Writer>();
  /** Places of rows that are gone for good. */
  readonly free: number[] = [];
  readonly versions = new Map<string, TableVersion>();
  places = 0;
  ids = 0;

  constructor(container: Container) {
    this.container = container;
  }

  version(table: string): TableVersion {
    const known = this.versions.get(table) ?? versionOf(tableNamed(table), this.container.name);
    this.versions.set(table, known);
    return known;
  }
}

/** A session that writes. */
class Writer {
  readonly live: LiveRows;
  readonly thread: number;
  /** Its transactions last long. */
  readonly isSlow: boolean;
  transaction: FakeTransaction | null = null;
  edits: PlacedEdit[] = [];
  savepoint: { readonly mark: number; readonly edits: number } | null = null;
  hasUndoneLarge = false;

  constructor(live: LiveRows, thread: number, isSlow: boolean) {
    this.live = live;
    this.thread = thread;
    this.isSlow = isSlow;
  }
}

/** What customers do, as a seed has it. Chances. */
export interface Workload {
  readonly writers: number;
  /** Milliseconds between steps. */
  readonly every: number;
  readonly steps: number;
  readonly ends: number;
  readonly undoes: number;
  readonly large: number;
  /** Texts that LogMiner tells in several rows. */
  readonly long: number;
}

export function drawWorkload(random: Random): Workload {
  return {
    writers: random.between(1, 5),
    every: random.between(2, 60),
    steps: random.between(40, 180),
    ends: random.pick([0.1, 0.2, 0.35]),
    undoes: random.pick([0, 0.08, 0.2]),
    large: random.pick([0, 0, 0.15, 0.4]),
    long: random.pick([0, 0.03, 0.15]),
  };
}

/** Customers of a database: interleaved transactions, a step at a time. */
export class Writers {
  readonly #database: Database;
  readonly #random: Random;
  readonly #history: History;
  readonly #workload: Workload;
  readonly #writers: Writer[] = [];
  #statements = 0;

  constructor(database: Database, random: Random, history: History, workload: Workload) {
    this.#database = database;
    this.#random = random;
    this.#history = history;
    this.#workload = workload;
    for (const container of database.containers) {
      const live = new LiveRows(container);
      for (let count = 0; count < workload.writers; count++) {
        const thread = 1 + (count % database.log.threads.length);
        this.#writers.push(new Writer(live, thread, count % 4 === 2));
      }
    }
  }

  step(): void {
    const usable = this.#writers.filter(({ thread }) => this.#database.log.thread(thread).isOpen);
    const writer = this.#random.pick(usable);
    if (writer === undefined) return;
    const { ends, undoes } = this.#workload;
    const chance = this.#random.fraction();
    const ending = writer.isSlow ? ends / 8 : ends;
    if (writer.transaction === null) this.#change(writer);
    else if (chance < ending) this.commit(writer);
    else if (chance < ending * 1.25) this.#rollback(writer);
    else if (chance < ending * 1.25 + undoes) this.#savepoint(writer);
    else if (chance < ending * 1.25 + undoes * 1.3) this.#fail(writer);
    else this.#change(writer);
  }

  /** What is open ends. `thread`: of an instance alone. */
  finish(thread: number | null = null): void {
    for (const writer of this.#writers) {
      if (writer.transaction !== null && (thread === null || thread === writer.thread)) this.commit(writer);
    }
  }

  commit(writer: Writer): void {
    const { transaction, edits, live, hasUndoneLarge, thread } = writer;
    if (transaction === null) return;
    if (transaction.id !== null) {
      const scn = this.#database.log.nextScn();
      transaction.commit(scn);
      for (const { table, before, after } of edits) {
        const [old, key] = [before?.[0] ?? null, after?.[0] ?? null];
        if (old !== null && old !== key) live.container.noteVersion(table, old, { scn, values: null });
        if (key !== null) live.container.noteVersion(table, key, { scn, values: after });
      }
      const followed = edits.filter(({ table }) => tableNamed(table).isFollowed);
      if (live.container === this.#database.followed)
        this.#history.committed.push({ scn, thread, edits: followed, hasUndoneLarge });
    }
    for (const { place, after } of edits) {
      if (after === null && !live.rows.has(place) && !live.free.includes(place)) live.free.push(place);
    }
    this.#end(writer);
  }

  #rollback(writer: Writer): void {
    writer.transaction?.rollback();
    this.#takeBack(writer, 0);
    this.#end(writer);
  }

  #savepoint(writer: Writer): void {
    const { transaction, savepoint } = writer;
    if (transaction === null) return;
    if (savepoint === null) {
      writer.savepoint = { mark: transaction.mark, edits: writer.edits.length };
      return;
    }
    transaction.undoTo(savepoint.mark);
    this.#takeBack(writer, savepoint.edits);
    writer.savepoint = null;
  }

  /** A statement that has inserted some rows before it fails. */
  #fail(writer: Writer): void {
    const { transaction } = writer;
    if (transaction === null) return;
    const before = { mark: transaction.mark, edits: writer.edits.length };
    this.#statements++;
    for (let count = this.#random.between(1, 3); count > 0; count--) this.#insert(writer, 'COUNTERS');
    transaction.undoTo(before.mark);
    this.#takeBack(writer, before.edits);
  }

  #takeBack(writer: Writer, from: number): void {
    const { rows } = writer.live;
    for (const { table, place, before } of writer.edits.splice(from).reverse()) {
      if (table === 'LARGE') writer.hasUndoneLarge = true;
      if (before === null) rows.delete(place);
      else rows.set(place, { table, values: before });
    }
  }

  #end(writer: Writer): void {
    const { locks } = writer.live;
    for (const [place, owner] of locks) if (owner === writer) locks.delete(place);
    if (writer.transaction !== null) this.#database.transactions.delete(writer.transaction);
    Object.assign(writer, { transaction: null, edits: [], savepoint: null, hasUndoneLarge: false });
  }

  #change(writer: Writer): void {
    this.#statements++;
    const random = this.#random;
    const table = random.chance(this.#workload.large)
      ? 'LARGE'
      : random.pick(['COUNTERS', 'COUNTERS', 'COUNTERS', 'LOOSE', 'IGNORED']);
    const own = [...writer.live.rows].filter(([place, row]) => {
      const lock = writer.live.locks.get(place);
      return row.table === table && (lock === undefined || lock === writer);
    });
    const chance = random.fraction();
    const chosen = random.pick(own);
    if (chosen === undefined || chance < 0.35) {
      for (let count = random.between(1, 4); count > 0; count--) this.#insert(writer, table);
      return;
    }
    const [place, { values }] = chosen;
    if (chance < 0.55) {
      this.#edit(writer, { table, place, before: values, after: null });
      if (random.chance(0.4))
        this.#edit(writer, {
          table,
          place: this.#newPlace(writer),
          before: null,
          after: this.#altered(table, values, false, writer),
        });
      return;
    }
    this.#edit(writer, { table, place, before: values, after: this.#altered(table, values, chance > 0.9, writer) });
  }

  #insert(writer: Writer, table: string): void {
    const id = String(++writer.live.ids);
    const after = this.#newRow(table, id);
    this.#edit(writer, { table, place: this.#newPlace(writer), before: null, after });
  }

  #newRow(table: string, id: string): Values {
    switch (table) {
      case 'COUNTERS':
        return [id, '0', this.#note()];
      case 'LOOSE':
        return [String(this.#random.between(1, 3)), this.#short()];
      case 'LARGE':
        return [id, '0', this.#text(), this.#hex()];
      default:
        return [id, this.#short()];
    }
  }

  /** The same row with other values, or another key. */
  #altered(table: string, values: Values, isMoved: boolean, writer: Writer): Values {
    const random = this.#random;
    const [first = null, second = null, third = null, fourth = null] = values;
    const id = isMoved ? String(++writer.live.ids) : first;
    const next = String(Number(second) + 1);
    switch (table) {
      case 'COUNTERS':
        return [id, next, random.chance(0.3) ? this.#note() : third];
      case 'LOOSE':
        return [first, this.#short()];
      case 'LARGE':
        return [
          id,
          random.chance(0.7) ? next : second,
          random.chance(0.5) ? this.#text() : third,
          random.chance(0.2) ? this.#hex() : fourth,
        ];
      default:
        return [id, this.#short()];
    }
  }

  /** Places of rows that are gone are used again. */
  #newPlace({ live, edits }: Writer): number {
    const random = this.#random;
    const own = edits.findLast(({ place, after }) => after === null && !live.rows.has(place))?.place;
    if (own !== undefined && random.chance(0.5)) return own;
    if (live.free.length > 0 && random.chance(0.4)) {
      const [place] = live.free.splice(random.between(0, live.free.length - 1), 1);
      if (place !== undefined) return place;
    }
    return live.places++;
  }

  #edit(writer: Writer, edit: PlacedEdit): void {
    const { live } = writer;
    const { log, transactions } = this.#database;
    if (writer.transaction === null) {
      const site = { log, thread: writer.thread, container: live.container.name, user: 'APP' };
      writer.transaction = new FakeTransaction({ ...site, numbers: live.container.numbers(writer.thread) });
      transactions.add(writer.transaction);
    }
    const { table, place, before, after } = edit;
    const definition = tableNamed(table);
    const row: RowRedo = {
      tag: 'row',
      op: before === null ? 'insert' : after === null ? 'delete' : 'update',
      ...{ table: live.version(table), place },
      before: before === null ? null : imageOf(definition, before),
      after: after === null ? null : imageOf(definition, after),
    };
    const { own, more } = redoOfRow(row);
    writer.transaction.writeRow(row, [...(own === null ? [] : [own]), ...more], this.#statements);
    writer.edits.push(edit);
    live.locks.set(place, writer);
    if (after === null) live.rows.delete(place);
    else live.rows.set(place, { table, values: after });
  }

  #short(): string | null {
    return this.#random.chance(0.2) ? null : `b${this.#random.between(1, 4)}`;
  }

  #note(): string | null {
    const random = this.#random;
    if (random.chance(0.2)) return null;
    if (random.chance(this.#workload.long)) return `${'wide ü '.repeat(600 + random.between(0, 20))}.`;
    return random.pick([`it's`, `a', 'b) values ('`, 'ünï ☃', ' where "ID" = ', 'NULL', 'plain']);
  }

  #text(): string | null {
    const random = this.#random;
    if (random.chance(0.2)) return null;
    return random.chance(0.5) ? `small ${random.between(1, 99)}` : `${random.between(1, 99)} large 🎉 ' `.repeat(260);
  }

  #hex(): string | null {
    const random = this.#random;
    const digits = random.between(16, 255).toString(16).toUpperCase();
    return random.chance(0.5) ? null : digits.repeat(random.chance(0.8) ? 20 : 4100);
  }
}
