import type { RowChange, RowValues, SourceEvent } from '../../../core/changes/change.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import { applyEdits, keyOf, rowsAt, type Committed, type History, type RowEdit, type RowStates } from './history.ts';
import { tableNamed, TABLES, type Values } from './tables.ts';

/** A place to go on from: behind so many transactions of the source. */
export interface StoredPlace {
  readonly position: SourcePosition;
  readonly index: number;
}

type TransactionEvent = Exclude<SourceEvent, { readonly tag: 'commit' | 'heartbeat' }>;

const SCN_DIGITS = 20;

/**
 * Compares what is told with what was done: every transaction whole, once, in the order of the commits, over all restarts; and positions that
 * never go back. Throws where something is not so.
 */
export class Destination {
  readonly #history: History;
  /** What of `LARGE` cannot be known was refused, or is not in the log: the table is copied anew behind this SCN. */
  readonly #copyAnew: () => bigint;
  readonly #refused: ReadonlySet<string>;
  readonly places: StoredPlace[] = [];
  /** By begin's order, so that it is the same each time. */
  readonly #orders = new Map<number, string>();
  /** By table: what committed behind this SCN is compared. */
  readonly #copied = new Map<string, bigint>();
  #index = 0;
  #rows: RowStates = new Map();
  #reached = '';
  #begun: Extract<SourceEvent, { readonly tag: 'begin' }> | null = null;
  #events: TransactionEvent[] = [];
  told = 0;

  constructor(history: History, refused: ReadonlySet<string>, copyAnew: () => bigint) {
    this.#history = history;
    this.#refused = refused;
    this.#copyAnew = copyAnew;
  }

  /** Whether all was told that has to be. */
  get isAtEnd(): boolean {
    return this.#history.committed.slice(this.#index).every((transaction) => !this.#mustBeTold(transaction));
  }

  /** The first transaction that was not told, for messages. */
  get next(): string {
    return nameOf(this.#history.committed[this.#index]);
  }

  begin(place: StoredPlace): void {
    this.#index = place.index;
    this.#reached = place.position.order;
    this.#rows = rowsAt(this.#history, place.index);
    this.#begun = null;
    this.#events = [];
  }

  store(position: SourcePosition, index: number): StoredPlace {
    const place = { position, index };
    this.places.push(place);
    return place;
  }

  take(event: SourceEvent): void {
    switch (event.tag) {
      case 'begin':
        requireOrder(
          this.#begun === null && event.order > this.#reached,
          `begin ${event.order} behind ${this.#reached}`,
        );
        this.#begun = event;
        this.#events = [event];
        return;
      case 'commit':
        this.#commit(event.position);
        return;
      case 'heartbeat':
        this.#heartbeat(event.position);
        return;
      case 'row':
      case 'truncate':
      case 'schema':
      case 'obstacle':
        requireOrder(this.#begun !== null, `${event.tag} outside of a transaction`);
        this.#events.push(event);
    }
  }

  #commit(position: SourcePosition): void {
    const begun = this.#begun;
    requireOrder(begun !== null && position.order > begun.order, `commit at ${position.order}`);
    this.#begun = null;
    if (begun !== null) this.#check(begun.order);
    this.#reached = position.order;
    this.store(position, this.#index);
  }

  #heartbeat(position: SourcePosition): void {
    requireOrder(this.#begun === null && position.order > this.#reached, `heartbeat ${position.order}`);
    this.#reached = position.order;
    const through = BigInt(position.order.slice(0, SCN_DIGITS));
    for (
      let next = this.#history.committed[this.#index];
      next !== undefined;
      next = this.#history.committed[this.#index]
    ) {
      if (next.scn > through) break;
      if (this.#mustBeTold(next))
        throw new Error(`${nameOf(next)} was not told before the place behind SCN ${through}`);
      this.#pass(next);
    }
    this.store(position, this.#index);
  }

  #check(order: string): void {
    const scn = BigInt(order.slice(0, SCN_DIGITS));
    for (const event of this.#events) if (event.tag === 'obstacle') this.#stopped(event.table.name, scn, event.reason);
    const changes = this.#events.flatMap((event) => (event.tag === 'row' ? [event.change] : []));
    const followed = changes.filter(({ schema }) => this.#isCompared(schema.table.name, scn));
    const transaction = this.#next(scn);
    if (transaction === null) {
      if (followed.length === 0) return;
      throw new Error(`a transaction of SCN ${scn} was told where ${this.next} is the next`);
    }
    const index = this.#index;
    const known = this.#orders.get(index) ?? order;
    if (known !== order) throw new Error(`${nameOf(transaction)} was told at ${known}, and now at ${order}`);
    this.#orders.set(index, order);
    for (const { name, hasKey } of TABLES) {
      const edits = transaction.edits.filter(({ table }) => table === name);
      const told = followed.filter(({ schema }) => schema.table.name === name);
      if (!this.#isCompared(name, scn)) continue;
      if (name === 'LARGE') sameNet(nameOf(transaction), told, edits, this.#rows);
      else sameSequence(nameOf(transaction), told, edits, hasKey);
    }
    this.#pass(transaction);
    this.told++;
  }

  /** Passes over what nobody has to be told. @returns the transaction of this SCN; null: it is not the next */
  #next(scn: bigint): Committed | null {
    for (;;) {
      const transaction = this.#history.committed[this.#index];
      if (transaction === undefined || transaction.scn > scn) return null;
      if (transaction.scn === scn) return transaction;
      if (this.#mustBeTold(transaction))
        throw new Error(`a transaction of SCN ${scn} was told where ${nameOf(transaction)} is the next`);
      this.#pass(transaction);
    }
  }

  #pass({ edits }: Committed): void {
    this.#index++;
    applyEdits(this.#rows, edits);
  }

  #stopped(table: string, scn: bigint, reason: string): void {
    if (!this.#isCompared(table, scn)) return;
    const transaction = this.#history.committed.find((one) => one.scn === scn);
    const isKnown =
      table === 'LARGE' &&
      ((reason.includes('took something back') && transaction?.hasUndoneLarge === true) ||
        (reason.includes('does not tell which') && leavesKey(transaction?.edits ?? [])) ||
        (reason.includes('ORA-01555') && this.#refused.has(scn.toString())));
    if (!isKnown) throw new Error(`table ${table} stopped at SCN ${scn}: ${reason}`);
    this.#copied.set(table, this.#copyAnew());
  }

  #isCompared(table: string, scn: bigint): boolean {
    return scn > (this.#copied.get(table) ?? -1n);
  }

  /** Large values are asked for as of the commit: of a row that comes and goes in its transaction nothing is told. */
  #mustBeTold({ scn, edits }: Committed): boolean {
    const compared = edits.filter(({ table }) => this.#isCompared(table, scn));
    return compared.some(({ table }) => table !== 'LARGE') || !comeAndGo(compared);
  }
}

/** Whether a row got a key and left it. */
function leavesKey(edits: readonly RowEdit[]): boolean {
  const came = new Set<string>();
  return edits.some(({ table, before, after }) => {
    const isLeft = before !== null && before[0] !== after?.[0] && came.has(keyOf(table, before));
    if (before !== null && after !== null && before[0] !== after[0]) came.add(keyOf(table, after));
    return isLeft;
  });
}

/** Whether no row is touched but those that are new, and none of these is left. */
function comeAndGo(edits: readonly RowEdit[]): boolean {
  const there = new Set<string>();
  for (const { table, before, after } of edits) {
    if (before !== null && !there.delete(keyOf(table, before))) return false;
    if (after !== null) there.add(keyOf(table, after));
  }
  return there.size === 0;
}

function nameOf(transaction: Committed | undefined): string {
  return transaction === undefined
    ? 'nothing'
    : `the transaction of SCN ${transaction.scn}, thread ${transaction.thread}`;
}

function requireOrder(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`events are out of order: ${what}`);
}

/** Each change by itself. */
function sameSequence(where: string, told: readonly RowChange[], edits: readonly RowEdit[], hasKey: boolean): void {
  const theirs = told.map(({ op, before, after }) =>
    changeText(op, hasKey ? (before ?? after)?.slice(0, 1) : before, after),
  );
  const right = edits.map(({ before, after }) => {
    const op = before === null ? 'insert' : after === null ? 'delete' : 'update';
    return changeText(op, hasKey ? (before ?? after)?.slice(0, 1) : before, after);
  });
  same(where, theirs, right);
}

function changeText(op: string, before: RowValues | null | undefined, after: RowValues | null): string {
  return `${op} ${JSON.stringify(before)} ${JSON.stringify(after)}`;
}

/** What becomes of the rows: large values are those of the commit. */
function sameNet(where: string, told: readonly RowChange[], edits: readonly RowEdit[], rows: RowStates): void {
  const touched = new Set<string>();
  const right = new Map<string, Values | null>();
  for (const { table, before, after } of edits) {
    if (before !== null) right.set(keyOf(table, before), null);
    if (after !== null) right.set(keyOf(table, after), after);
  }
  for (const key of right.keys()) touched.add(key);
  const theirs = new Map<string, Values | null>();
  for (const change of told) applyTold(where, change, theirs, rows);
  for (const key of theirs.keys()) touched.add(key);
  const text = (states: ReadonlyMap<string, Values | null>) =>
    [...touched].map(
      (key) => `${key}: ${JSON.stringify(states.has(key) ? (states.get(key) ?? null) : (rows.get(key) ?? null))}`,
    );
  same(where, text(theirs), text(right));
}

function applyTold(
  where: string,
  { op, schema, before, after, misfit }: RowChange,
  states: Map<string, Values | null>,
  rows: RowStates,
): void {
  const table = schema.table.name;
  if (misfit !== null) throw new Error(`a value of ${where} does not fit: ${misfit.reason}`);
  const stands = (values: RowValues) => {
    const key = keyOf(table, [values[0] ?? null]);
    return { key, row: states.has(key) ? (states.get(key) ?? null) : (rows.get(key) ?? null) };
  };
  const old = op === 'insert' ? null : stands(before ?? after ?? []);
  if (old !== null && old.row === null) throw new Error(`${where}: row ${old.key} is changed and not there`);
  if (old !== null) states.set(old.key, null);
  if (after === null) return;
  const { key, row } = stands(after);
  if (row !== null) throw new Error(`${where}: row ${key} is there twice`);
  states.set(
    key,
    tableNamed(table).columns.map((_, place) =>
      after[place] === undefined ? (old?.row?.[place] ?? null) : (after[place] ?? null),
    ),
  );
}

const SHOWN = 300;

function same(where: string, told: readonly string[], right: readonly string[]): void {
  if (told.length === right.length && told.every((text, place) => text === right[place])) return;
  const shown = (texts: readonly string[]) => texts.map((text) => text.slice(0, SHOWN)).join('\n  ');
  const [more, less] = [told.filter((text) => !right.includes(text)), right.filter((text) => !told.includes(text))];
  throw new Error(
    `${where}: told\n  ${shown(more)}\nwhere right is\n  ${shown(less)}\n(${told.length} and ${right.length})`,
  );
}
