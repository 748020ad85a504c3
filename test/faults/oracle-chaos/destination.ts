import type { RowChange, SourceEvent } from '../../../core/changes/change.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import { PenstockError } from '../../../core/errors/penstock-error.ts';
import { minedPlaceOf } from '../../../core/sources/oracle/mining/mined-place.ts';
import type { SourceConnector, TableSelection } from '../../../core/sources/source-connector.ts';
import { LogReader, NEVER, readChunk } from '../../contracts/source-connector/reading.ts';
import { identityOf, TableRows, type CommittedTransaction, type ModelChange } from './model.ts';
import { named, same, sameNet, sameSequence, toldTransaction, type ToldTransaction } from './told-transaction.ts';
import { Killed, type ChaosWorld } from './world.ts';
import { TABLES } from './writers.ts';

/** A place that a destination has stored: behind so many transactions of the source. */
interface StoredPlace {
  readonly position: SourcePosition;
  readonly index: number;
}

const OWNER = 'APP';
const MOST_TRIES = 12;
/** Of this one the structure changes, so that it may have to be copied anew. */
const SHIFTING = 'SHIFTING';
/**
 * Its large values are those of the commit. Of one that was changed by itself and taken back the log tells pieces that nobody can match with what
 * took them back: so the row is told as it was, by a transaction that did nothing.
 */
const LARGE = 'LARGE';
/** What of a large value alone was taken back, when its row was changed before, is not in the log. */
const NOBODY_KNOWS = 'took something back';

/**
 * Whoever copies the tables, follows the log behind the copy and stores how far it is, and compares each transaction with what the source
 * has done: all of them, whole, once, in the order of their commits.
 */
export class Destination {
  readonly #world: ChaosWorld;
  readonly #source: SourceConnector;
  readonly #tables: readonly TableSelection[];
  /** Places to go on from; the last one is where it stands. */
  #places: StoredPlace[] = [];
  /** By table the SCN of its copy; null: it stopped, and is to be copied anew. */
  readonly #copied = new Map<string, bigint | null>();
  /** The next transaction of the source that is to be told. */
  #index = 0;
  verified = 0;

  constructor(world: ChaosWorld) {
    this.#world = world;
    this.#source = world.connect();
    this.#tables = Object.keys(TABLES).map((name) => ({
      ...{ table: { schema: OWNER, name }, key: null, mask: [], typeChange: {}, timestampColumn: null, where: null },
    }));
  }

  /** Everything was told that anybody has to be told. */
  get isAtEnd(): boolean {
    return this.#world.model.committed.slice(this.#index).every((transaction) => !this.#mustBeTold(transaction));
  }

  /** The last place that was stored is at `end` or behind it. */
  hasReached(end: SourcePosition): boolean {
    return (this.#places.at(-1)?.position.order ?? '') >= end.order;
  }

  /** Whether the last place that was stored needs nothing of before `end`: so it is where nothing is open, and the place of every thread is known. */
  isFree(end: SourcePosition): boolean {
    const place = this.#places.at(-1);
    if (place === undefined) return false;
    const { scn, threads } = minedPlaceOf(place.position).resume;
    const isPlaced = this.#world.oracle.log.threads.every(({ number }) => threads[number.toString()] !== undefined);
    return !isPlaced || BigInt(scn) >= BigInt(minedPlaceOf(end).resume.scn);
  }

  /** Behind all that was committed. */
  async end(): Promise<SourcePosition> {
    return patiently(() => this.#source.currentPosition(NEVER));
  }

  /** A new beginning: a position, and a copy of every table. */
  async copyAll(): Promise<void> {
    await patiently(
      async () => {
        // What is lost while it is prepared may be needed.
        this.#world.isLost = false;
        const position = await this.#source.prepare(this.#tables, null, NEVER);
        this.#places = [];
        this.#store(position, await this.#indexBehind(BigInt(minedPlaceOf(position).startScn)));
      },
      // A transaction that is older than the dictionary has to end first, and the dictionary has to be archived.
      () => this.#world.endWaits(),
    );
    for (const { table } of this.#tables) this.#copied.set(table.name, null);
    await this.copyStopped();
  }

  /** Copies what has stopped, each with the others from one snapshot, and compares it with the source of that moment. */
  async copyStopped(): Promise<void> {
    await patiently(async () => {
      const tables = this.#tables.filter(({ table }) => this.#copied.get(table.name) === null);
      if (tables.length === 0) return;
      const schemas = await this.#source.describeTables(tables, NEVER);
      await using snapshot = await this.#source.openSnapshot({ tables, readers: 1 }, NEVER);
      const scn = BigInt(minedPlaceOf(snapshot.position).startScn);
      for (const [index, selection] of tables.entries()) {
        const { name } = selection.table;
        const schema = schemas[index];
        if (schema === undefined) throw new Error(`${name} was not described`);
        const { rows } = await readChunk(snapshot, selection, schema, { tag: 'whole' });
        const copy = new TableRows();
        for (const row of rows) {
          const values = schema.identity.tag === 'row' ? row.slice(1) : row;
          const after = named(schema.columns, values);
          copy.apply({ table: name, op: 'insert', before: null, after });
        }
        const right = new TableRows(this.#world.model.rowsAt(name, await this.#indexBehind(scn)));
        if (name !== SHIFTING) same(`the copy of ${name} at SCN ${scn}`, copy.lines(), right.lines());
        this.#copied.set(name, scn);
      }
    });
  }

  /** Reads until it is killed, fails, or `isOver` says so. `end`: nothing more is written; all that was is told before it. @returns what it ended with; null: nothing */
  async follow(isOver: () => boolean, end: SourcePosition | null = null): Promise<Error | null> {
    const from = this.#places.at(-1);
    if (from === undefined) throw new Error('nothing was copied yet');
    this.#index = from.index;
    const killed = new AbortController();
    this.#world.kill = () => killed.abort(new Killed('the reader was killed'));
    try {
      await using reader = await LogReader.open(this.#source, from.position, this.#tables, killed.signal);
      let events: SourceEvent[] = [];
      while (!isOver()) {
        for (const event of await reader.next()) {
          events.push(event);
          if (event.tag === 'commit') {
            await this.#check(toldTransaction(events));
            events = [];
          }
          if (event.tag === 'heartbeat') events = [];
          if (event.tag === 'commit' || event.tag === 'heartbeat') this.#store(event.position, this.#index);
        }
        if (end !== null && reader.reached.order >= end.order && !this.isAtEnd)
          throw new Error(`transactions from SCN ${this.#world.model.committed[this.#index]?.scn} on were never told`);
        await this.copyStopped();
      }
      return null;
    } catch (error) {
      if (error instanceof Killed || error instanceof PenstockError) return error;
      throw error;
    } finally {
      this.#world.kill = null;
    }
  }

  /** The last place that was stored is another one, of before. */
  goBack(): void {
    const { random } = this.#world;
    this.#places = this.#places.slice(0, 1 + random.below(this.#places.length));
  }

  #store(position: SourcePosition, index: number): void {
    this.#places.push({ position: structuredClone(position), index });
    this.#index = index;
  }

  async #indexBehind(scn: bigint): Promise<number> {
    return this.#world.quietly(() => Promise.resolve(this.#world.model.indexBehind(scn)));
  }

  /** A transaction that was told is the next one that has anything for those who follow. */
  async #check(told: ToldTransaction): Promise<void> {
    for (const { name, reason } of told.stopped) {
      const copied = this.#copied.get(name) ?? null;
      if (copied === null || told.scn <= copied) continue;
      if (name !== SHIFTING && !(name === LARGE && reason.includes(NOBODY_KNOWS)))
        throw new Error(`table ${name} stopped at SCN ${told.scn}: ${reason}`);
      this.#copied.set(name, null);
    }
    const isFollowed = (name: string) => this.#isFollowed(name, told.scn);
    const changes = told.changes.filter(({ schema }) => isFollowed(schema.table.name));
    const truncated = told.truncated.filter(isFollowed);
    if (changes.length === 0 && truncated.length === 0) return;
    await this.#world.quietly(() => Promise.resolve());
    const expected = this.#next(told.scn);
    if (expected.scn !== told.scn)
      throw new Error(
        `the transaction of SCN ${told.scn} was told where that of SCN ${expected.scn} is the next (${this.#index}), of ${shown(expected)}`,
      );
    for (const name of Object.keys(TABLES)) {
      if (!isFollowed(name)) continue;
      const mine = expected.changes.filter(({ table }) => table === name);
      const theirs = changes.filter(({ schema }) => schema.table.name === name);
      const where = `${name} in the transaction of SCN ${told.scn}`;
      if (name === SHIFTING) this.#sameShifting(where, theirs, mine, truncated.includes(name));
      else if (name === 'COUNTERS' || (mine.length === 0 && name !== LARGE)) sameSequence(where, theirs, mine);
      else sameNet(where, theirs, mine, this.#world.model.rowsAt(name, this.#index));
    }
    this.#index++;
    this.verified++;
  }

  /** What is told of a table that has stopped, or behind which it was copied, is of no interest. */
  #isFollowed(name: string, scn: bigint): boolean {
    const copied = this.#copied.get(name) ?? null;
    return copied !== null && scn > copied;
  }

  /** Passes over what nobody who follows has to be told. */
  #next(told: bigint): CommittedTransaction {
    for (; ; this.#index++) {
      const transaction = this.#world.model.committed[this.#index];
      if (transaction === undefined) throw new Error(`a transaction of SCN ${told} was told that never was, or before`);
      if (transaction.scn >= told || this.#mustBeTold(transaction)) return transaction;
    }
  }

  /** Large values that the log does not tell are asked for as of the commit: of a row that came and went in one transaction nothing is told then. */
  #mustBeTold({ scn, changes }: CommittedTransaction): boolean {
    const followed = changes.filter(({ table }) => this.#isFollowed(table, scn));
    return followed.some(({ table }) => table !== LARGE) || !comeAndGo(followed);
  }

  /** The structure may have changed behind the row: what it has by its name must be right, and nothing may be left out but what was dropped. */
  #sameShifting(where: string, told: readonly RowChange[], mine: readonly ModelChange[], isTruncated: boolean): void {
    const rows = mine.filter(({ op }) => op !== 'truncate');
    same(`truncated: ${where}`, String(isTruncated), String(rows.length < mine.length));
    same(`changes of ${where}`, String(told.length), String(rows.length));
    for (const [index, change] of told.entries()) {
      const [after, wanted] = [named(change.schema.columns, change.after ?? []), rows[index]?.after ?? {}];
      for (const name of new Set([...Object.keys(wanted), ...Object.keys(after)])) {
        if (this.#world.model.dropped.has(name)) continue;
        same(`${name} of ${where}`, String(after[name] ?? null), String(wanted[name] ?? null));
      }
    }
  }
}

/** Whether no row is touched but those that are new, and none of these is left. */
function comeAndGo(changes: readonly ModelChange[]): boolean {
  const there = new Set<string>();
  for (const { table, op, before, after } of changes) {
    if (op === 'truncate' || (before !== null && !there.delete(identityOf(table, before)))) return false;
    if (after !== null) there.add(identityOf(table, after));
  }
  return there.size === 0;
}

function shown({ changes }: CommittedTransaction): string {
  return changes.length === 0 ? 'nothing' : changes.map(({ table, op }) => `${table} ${op}`).join(', ');
}

/** What a pipeline does with an error that says so. */
async function patiently<T>(
  work: () => Promise<T>,
  between: (error: PenstockError) => Promise<void> = () => Promise.resolve(),
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PenstockError) || tries === MOST_TRIES) throw error;
      await between(error);
    }
  }
}
