import type { Versioned } from '../../catalog/catalog.ts';
import type { ChunkRecord } from '../../catalog/records.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import type { Snapshot } from '../../sources/source-connector.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { claimable } from './chunk-rules.ts';
import { takeChunk, type CopyTable } from './copy-table.ts';

/** A chunk that this process has taken. */
export interface Claim {
  readonly table: CopyTable;
  readonly chunk: Versioned<ChunkRecord>;
}

/**
 * Takes one chunk after the other for the threads of one copy worker, table after table. One at a time: what was taken here lets
 * the other chunks of a table be taken that must all be read at one place.
 */
export class ChunkClaims {
  readonly #context: OperationContext;
  readonly #snapshot: Snapshot;
  readonly #owner: string;
  readonly #tables: CopyTable[];
  /** Chunks of the first table that may be taken, the next one last; empty: it is looked for more. */
  #free: Versioned<ChunkRecord>[] = [];
  /** Chunks of the first table that were taken by this process (as it took them) or lost to another one (null). */
  readonly #tried = new Map<number, Versioned<ChunkRecord> | null>();
  readonly #failed = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  /** `owner`: names the worker. `tables` and their chunks in the order in which it wants them. */
  constructor(context: OperationContext, snapshot: Snapshot, owner: string, tables: readonly CopyTable[]) {
    this.#context = context;
    this.#snapshot = snapshot;
    this.#owner = owner;
    this.#tables = [...tables];
  }

  /** Null when there is none left to take. @throws the signal's reason, PenstockError PS3004 */
  async next(): Promise<Claim | null> {
    const turn = this.#turn.then(() => this.#next());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Leaves the rest of a table's chunks alone: one of them failed. */
  giveUp(table: string): void {
    this.#failed.add(table);
  }

  async #next(): Promise<Claim | null> {
    for (let table = this.#tables[0]; table !== undefined; table = this.#tables[0]) {
      this.#context.signal.throwIfAborted();
      const chunk = this.#failed.has(table.id) ? undefined : this.#wanted(table);
      if (chunk === undefined) {
        this.#tables.shift();
        this.#tried.clear();
        this.#free = [];
        continue;
      }
      const { index } = chunk.record;
      try {
        const { host } = this.#context;
        const taken = await takeChunk(host, catalogOf(this.#context), this.#snapshot, table, chunk, this.#owner);
        this.#tried.set(index, taken);
        return { table, chunk: taken };
      } catch (error) {
        if (!hasCode(error, 'PS3005')) throw error;
        this.#tried.set(index, null);
        this.#tables[0] = await this.#readAgain(table);
        this.#free = [];
      }
    }
    return null;
  }

  /** What may be taken is worked out again only when the last of it was: the first chunk that is taken may let the others be. */
  #wanted(table: CopyTable): Versioned<ChunkRecord> | undefined {
    if (this.#free.length === 0) this.#free = this.#untried(table).reverse();
    return this.#free.pop();
  }

  #untried({ chunks }: CopyTable): Versioned<ChunkRecord>[] {
    const known = chunks.map((chunk) => this.#tried.get(chunk.record.index) ?? chunk);
    const inOrder = known.toSorted((a, b) => a.record.index - b.record.index);
    const { clock } = this.#context.host;
    const claimant = { owner: this.#owner, order: this.#snapshot.position.order, now: clock.now() };
    const free = new Set(claimable(inOrder, claimant).map(({ record }) => record.index));
    return chunks.filter(({ record }) => free.has(record.index) && !this.#tried.has(record.index));
  }

  /** Another worker was first: it may have taken more. */
  async #readAgain(table: CopyTable): Promise<CopyTable> {
    const found = await catalogOf(this.#context).chunks(table.id, table.run.generation);
    const byIndex = new Map(found.map((chunk) => [chunk.record.index, chunk]));
    return { ...table, chunks: table.chunks.map((chunk) => byIndex.get(chunk.record.index) ?? chunk) };
  }
}
