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
  /** Chunks of the first table that were taken by this process or lost to another one. */
  readonly #tried = new Set<number>();
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
        continue;
      }
      this.#tried.add(chunk.record.index);
      try {
        const { host } = this.#context;
        const taken = await takeChunk(host, catalogOf(this.#context), this.#snapshot, table, chunk, this.#owner);
        this.#tables[0] = withChunk(table, taken);
        return { table, chunk: taken };
      } catch (error) {
        if (!hasCode(error, 'PS3005')) throw error;
        this.#tables[0] = await this.#readAgain(table);
      }
    }
    return null;
  }

  #wanted(table: CopyTable): Versioned<ChunkRecord> | undefined {
    const { chunks } = table;
    const inOrder = [...chunks].sort((a, b) => a.record.index - b.record.index);
    const { clock } = this.#context.host;
    const claimant = { owner: this.#owner, order: this.#snapshot.position.order, now: clock.now() };
    const free = claimable(inOrder, claimant);
    const indexes = new Set(free.map(({ record }) => record.index));
    return chunks.find(({ record }) => indexes.has(record.index) && !this.#tried.has(record.index));
  }

  /** Another worker was first: it may have taken more. */
  async #readAgain(table: CopyTable): Promise<CopyTable> {
    const found = await catalogOf(this.#context).chunks(table.id, table.run.generation);
    const byIndex = new Map(found.map((chunk) => [chunk.record.index, chunk]));
    return { ...table, chunks: table.chunks.map((chunk) => byIndex.get(chunk.record.index) ?? chunk) };
  }
}

function withChunk(table: CopyTable, changed: Versioned<ChunkRecord>): CopyTable {
  const chunks = table.chunks.map((chunk) => (chunk.record.index === changed.record.index ? changed : chunk));
  return { ...table, chunks };
}
