import type { SourceType } from '../../../core/sources/oracle/values/source-type.ts';
import { Dictionary } from '../../fixtures/oracle-fake/dictionary.ts';
import type { OpenedFile } from '../../fixtures/oracle-fake/log-miner.ts';
import type { Told } from '../../fixtures/oracle-fake/mined-contents.ts';
import { RedoLog } from '../../fixtures/oracle-fake/redo-log.ts';
import type { ContainerName, RedoRecord, TransactionId } from '../../fixtures/oracle-fake/redo-record.ts';
import { memberName } from '../../fixtures/oracle-fake/redo-thread.ts';
import { TransactionNumbers, type FakeTransaction } from '../../fixtures/oracle-fake/transaction.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { TABLES, versionOf, type Values } from './tables.ts';

export const ROOT = 'CDB$ROOT';
const PLUGGABLE: readonly ContainerName[] = [
  { id: 3, name: 'SHOP' },
  { id: 4, name: 'OTHER' },
];

export interface DatabaseOptions {
  readonly threads: number;
  readonly isContainerDatabase: boolean;
  /** 19. */
  readonly release: number;
  readonly fileBytes: number;
}

/** A row as it was from the commit with this SCN on; null: it was gone. */
interface RowVersion {
  readonly scn: bigint;
  readonly values: Values | null;
}

/** The database, a pluggable one, or the only one. */
export class Container {
  readonly name: ContainerName | null;
  readonly dictionary = new Dictionary();
  /** By table and key, what was committed, for flashback queries. */
  readonly #versions = new Map<string, RowVersion[]>();
  readonly #numbers = new Map<number, TransactionNumbers>();
  readonly #free: (id: TransactionId) => boolean;

  constructor(name: ContainerName | null, isFree: (id: TransactionId) => boolean) {
    this.name = name;
    this.#free = isFree;
    for (const table of TABLES) this.dictionary.set(table.name, versionOf(table, name));
  }

  numbers(thread: number): TransactionNumbers {
    const known = this.#numbers.get(thread) ?? new FewNumbers(thread, this.#free);
    this.#numbers.set(thread, known);
    return known;
  }

  noteVersion(table: string, key: string, version: RowVersion): void {
    const id = `${table} ${key}`;
    const versions = this.#versions.get(id) ?? [];
    versions.push(version);
    this.#versions.set(id, versions);
  }

  /** A row as of an SCN; null: it was not there. */
  rowAt(table: string, key: string, scn: bigint): Values | null {
    return this.#versions.get(`${table} ${key}`)?.findLast((version) => version.scn <= scn)?.values ?? null;
  }
}

const SEGMENTS = 3;
const SLOTS = 3;

/** So few slots that they are used again and again; containers give the same numbers. */
class FewNumbers extends TransactionNumbers {
  readonly #thread: number;
  readonly #isFree: (id: TransactionId) => boolean;
  #count = 0;

  constructor(thread: number, isFree: (id: TransactionId) => boolean) {
    super(thread);
    this.#thread = thread;
    this.#isFree = isFree;
  }

  override next(): TransactionId {
    for (;;) {
      const count = this.#count++;
      const id = {
        segment: this.#thread * SEGMENTS + (count % SEGMENTS),
        slot: Math.floor(count / SEGMENTS) % SLOTS,
        sequence: 811 + Math.floor(count / (SEGMENTS * SLOTS)),
      };
      if (this.#isFree(id)) return id;
    }
  }
}

/** A database of Oracle in memory: its redo, what of it is in files, and its rows as they were. */
export class Database {
  readonly log: RedoLog;
  readonly containers: readonly Container[];
  readonly options: DatabaseOptions;
  readonly time: VirtualTime;
  /** Open transactions, of all instances. */
  readonly transactions = new Set<FakeTransaction>();
  /** What LogMiner made of records before: printing them anew in each round would take most of the time. */
  readonly remembered = new WeakMap<RedoRecord, Told>();

  constructor(time: VirtualTime, options: DatabaseOptions) {
    this.time = time;
    this.options = options;
    const { threads, fileBytes } = options;
    this.log = new RedoLog({ threads, fileBytes, clock: () => time.epochMilliseconds });
    const names = options.isContainerDatabase ? PLUGGABLE : [null];
    this.containers = names.map(
      (name) =>
        new Container(name, (id) =>
          [...this.transactions].every((one) => one.container !== name || !isSlot(one.id, id)),
        ),
    );
  }

  /** The one whose tables are followed. */
  get followed(): Container {
    const [first] = this.containers;
    if (first === undefined) throw new Error('there is always a container');
    return first;
  }

  dictionaryOf(name: ContainerName | null): Dictionary {
    const container = this.containers.find((known) => known.name === name);
    if (container === undefined) throw new Error('there is no such container');
    return container.dictionary;
  }

  /** A redo log by the name of its file; null: there is none. */
  open(name: string): OpenedFile | null {
    const log = this.log;
    for (const file of log.files()) {
      if (file.archive?.isOnDisk === true && file.archive.name === name) return { name, file, isOnline: false, log };
      if (file.group !== null && memberName(file.group) === name) return { name, file, isOnline: true, log };
    }
    return null;
  }

  printTime(at: Date): string {
    return at.toISOString().slice(0, 19).replace('T', ' ');
  }

  /** DBMS_LOGMNR_D.BUILD. */
  buildDictionary(): void {
    for (const edge of ['begin', 'end'] as const) {
      this.log.switchLogs(1);
      const { current } = this.log.thread(1);
      if (edge === 'begin') current.hasDictionaryBegin = true;
      else current.hasDictionaryEnd = true;
    }
    this.log.switchLogs();
  }
}

function isSlot(one: TransactionId | null, other: TransactionId): boolean {
  return one?.segment === other.segment && one.slot === other.slot;
}

/** What a session gives for a value. */
export function outputOf({ tag }: SourceType, value: string | null): string | null {
  return tag === 'blob' ? (value?.toUpperCase() ?? null) : value;
}
