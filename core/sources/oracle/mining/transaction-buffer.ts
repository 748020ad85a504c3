import type { ScratchSpace } from '../../../host/scratch.ts';
import type { ChangeRecord } from './change-record.ts';
import type { OpenTransaction, ThreadPlaces } from './open-transaction.ts';
import { BlockPool, RecordLog } from './record-log.ts';
import { compareScns } from './scn.ts';
import { SpillFiles, type SpilledBytes } from './spilled-bytes.ts';

export interface Opening {
  readonly key: string;
  readonly slot: string;
  readonly scn: string;
  readonly since: string;
  readonly places: () => ThreadPlaces;
}

/**
 * All transactions whose end was not read or told, in the order they began. Their records take `bytes` of memory together; what is more goes to
 * disk, from the largest ones first. A transaction without records costs some hundred bytes.
 */
export class TransactionBuffer implements AsyncDisposable {
  readonly files: SpillFiles;
  readonly #bytes: number;
  readonly #pool: BlockPool;
  /** Open ones by key, and by the slot that they hold. */
  readonly #open = new Map<string, OpenTransaction>();
  readonly #slots = new Map<string, OpenTransaction>();
  /** Open ones and those whose end was read, the oldest first. */
  readonly #unfinished = new Set<OpenTransaction>();
  #leastScn: OpenTransaction | null = null;
  readonly #released: SpilledBytes[] = [];
  #memory = 0;

  constructor(space: ScratchSpace, bytes: number) {
    this.files = new SpillFiles(space);
    this.#bytes = bytes;
    this.#pool = new BlockPool(bytes);
  }

  /** Bytes that records take in memory. */
  get memory(): number {
    return this.#memory;
  }

  /** The one that began first. */
  get oldest(): OpenTransaction | null {
    return this.#unfinished.values().next().value ?? null;
  }

  /** The least SCN at which one of them began; null: there is none. */
  get leastScn(): string | null {
    if (this.#leastScn === null) {
      for (const transaction of this.#unfinished) this.#noteScn(transaction);
    }
    return this.#leastScn?.scn ?? null;
  }

  openOne(key: string): OpenTransaction | null {
    return this.#open.get(key) ?? null;
  }

  /** The open transaction that holds a slot. */
  openAt(slot: string): OpenTransaction | null {
    return this.#slots.get(slot) ?? null;
  }

  begin({ places, ...opening }: Opening): OpenTransaction {
    const begun = { ...opening, places: places(), records: new RecordLog(this.#pool) };
    this.#open.set(begun.key, begun);
    this.#slots.set(begun.slot, begun);
    if (this.#unfinished.size === 0 || this.#leastScn !== null) this.#noteScn(begun);
    this.#unfinished.add(begun);
    return begun;
  }

  add({ records }: OpenTransaction, record: ChangeRecord): void {
    const before = records.memory;
    records.append(record);
    this.#memory += records.memory - before;
  }

  /** Its end was read: no further row belongs to it. It still has to be finished. */
  close(transaction: OpenTransaction): void {
    if (this.#open.get(transaction.key) === transaction) this.#open.delete(transaction.key);
    if (this.#slots.get(transaction.slot) === transaction) this.#slots.delete(transaction.slot);
  }

  /** Nobody needs it any more. What it has on disk goes with the next {@link settle}. */
  finish(transaction: OpenTransaction): void {
    this.close(transaction);
    this.#unfinished.delete(transaction);
    if (this.#leastScn === transaction) this.#leastScn = null;
    this.#memory -= transaction.records.memory;
    this.#released.push(...transaction.records.release());
  }

  /** Brings memory back within its bound. To be awaited after a few rows. @throws PenstockError PS3003 */
  async settle(): Promise<void> {
    if (this.#released.length > 0) await this.files.release(this.#released.splice(0));
    if (this.#memory > this.#bytes) await this.#spill();
  }

  async #spill(): Promise<void> {
    const largest = [...this.#unfinished]
      .filter(({ records }) => records.memory > 0)
      .sort((a, b) => b.records.memory - a.records.memory);
    const chosen: OpenTransaction[] = [];
    let rest = this.#memory;
    for (const transaction of largest) {
      if (rest <= this.#bytes / 2) break;
      rest -= transaction.records.memory;
      chosen.push(transaction);
    }
    const tails = chosen.map(({ records }) => records.tail());
    const places = await this.files.append(tails.flat());
    let from = 0;
    for (const [index, { records }] of chosen.entries()) {
      const count = tails[index]?.length ?? 0;
      this.#memory -= records.memory;
      records.moved(places.slice(from, from + count));
      from += count;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open.clear();
    this.#slots.clear();
    this.#unfinished.clear();
    await this.files[Symbol.asyncDispose]();
  }

  #noteScn(transaction: OpenTransaction): void {
    if (this.#leastScn === null || compareScns(transaction.scn, this.#leastScn.scn) < 0) this.#leastScn = transaction;
  }
}
