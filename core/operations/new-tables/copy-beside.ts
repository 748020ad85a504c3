import type { ChunkRecord } from '../../catalog/records.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { hasCode, type PenstockError } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import { BoundedQueue } from '../copying/bounded-queue.ts';
import { copyPrefix } from '../copying/copy-plan.ts';
import type { CopyProgress } from '../copying/copy-progress.ts';
import { concernsTable, readIntoStore, type CopyTable, type ExtractedChunk } from '../copying/copy-table.ts';
import type { FinishedCopy } from '../copying/finish-table.ts';
import { loadChunk } from '../copying/load-chunk.ts';
import { Together } from '../copying/together.ts';
import type { OperationContext } from '../operation-context.ts';
import type { Joined } from './join-log.ts';

interface ChunkWork<Chunk> {
  readonly table: CopyTable;
  readonly chunk: Chunk;
}

/** How the copy of a table ended; `again`: it was altered meanwhile, and needs another snapshot. */
export type CopyEnd =
  | { readonly tag: 'copied'; readonly table: CopyTable; readonly copied: FinishedCopy }
  | { readonly tag: 'failed'; readonly table: CopyTable; readonly error: PenstockError }
  | { readonly tag: 'again'; readonly table: CopyTable };

/**
 * Copies tables at one snapshot while the log is read and the others are loaded: nothing here needs the reader's or the loader's lease.
 * Chunks are listed nowhere: who dies loses the snapshot, and its successor begins with a newer copy, which fences this one.
 */
export class BesideCopier {
  readonly #context: OperationContext;
  readonly #joined: Joined;
  readonly #progress: CopyProgress;
  readonly #together: Together;
  readonly #signal: AbortSignal;
  readonly #ended = new Set<string>();
  readonly #extracts: BoundedQueue<ChunkWork<ChunkRecord>>;
  readonly #loads: BoundedQueue<ChunkWork<ExtractedChunk>>;
  readonly #ends: BoundedQueue<CopyEnd>;

  constructor(context: OperationContext, joined: Joined, progress: CopyProgress) {
    const { source, destination } = context.settings;
    this.#context = context;
    this.#joined = joined;
    this.#progress = progress;
    this.#together = new Together(context.signal);
    this.#signal = this.#together.signal;
    this.#extracts = new BoundedQueue(source.extractThreads);
    this.#loads = new BoundedQueue(destination.loadThreads + 1);
    this.#ends = new BoundedQueue(joined.tables.length + 1);
  }

  /**
   * `ends`: called with the tables whose copies have ended since it was called last, one call after the other.
   * @throws PenstockError what concerns all tables; what passes by itself too, where it ends the snapshot
   */
  async copy(ends: (ends: readonly CopyEnd[], signal: AbortSignal) => Promise<void>): Promise<void> {
    const { source, destination } = this.#context.settings;
    const together = this.#together;
    const planning = this.#planAll().finally(() => this.#extracts.close());
    const extracting = together
      .workers(source.extractThreads, () => this.#extractWorker())
      .finally(() => this.#loads.close());
    const loading = together.workers(destination.loadThreads, () => this.#loadWorker());
    const copying = together.all([planning, extracting, loading]).finally(() => this.#ends.close());
    await together.all([copying, this.#endWorker(ends)]);
  }

  async #planAll(): Promise<void> {
    const { settings, host } = this.#context;
    const { snapshot } = this.#joined;
    for (const table of this.#joined.tables) {
      await this.#guard(table, async () => {
        await this.#clearEarlier(table);
        const { chunkBytes } = settings.extracts;
        const ranges = await snapshot.planChunks(table.selection, table.schema, chunkBytes, this.#signal);
        const waiting = ranges.map((range, index): ChunkRecord => ({ index, range, state: { tag: 'waiting' } }));
        const chunks = waiting.map((record) => ({ record, version: 0 }));
        const estimatedRows = await snapshot.estimateRows(table.selection, this.#signal);
        host.log.info('copying a table beside the log', { table: table.id, chunks: chunks.length });
        this.#progress.begin({ ...table, chunks, estimatedRows });
        if (chunks.length === 0) await this.#copied(table);
        for (const chunk of waiting) await this.#extracts.push({ table, chunk }, this.#signal);
      });
    }
  }

  /** What a copy of the table left that was interrupted. */
  async #clearEarlier({ id, run }: CopyTable): Promise<void> {
    const { host, settings } = this.#context;
    const earlier = run.generation - 1;
    if (earlier === 0) return;
    await host.store.deletePrefix(copyPrefix(settings.pipeline, id, earlier), this.#signal);
    await catalogOf(this.#context).removeChunks(id, earlier);
  }

  async #extractWorker(): Promise<void> {
    const from = this.#extracts;
    for (let work = await from.pop(this.#signal); work !== null; work = await from.pop(this.#signal)) {
      const { table, chunk } = work;
      if (this.#ended.has(table.id)) continue;
      const state = await this.#guard(table, () => this.#read(table, chunk));
      if (state !== null) await this.#loads.push({ table, chunk: { index: chunk.index, state } }, this.#signal);
    }
  }

  /** A store that is out of reach is waited for: the snapshot would be lost with the copy. */
  async #read(table: CopyTable, chunk: ChunkRecord): Promise<ExtractedChunk['state']> {
    const { host, settings } = this.#context;
    const catalog = catalogOf(this.#context);
    const outcome = await keepTrying(host, settings.pipeline, 'read a chunk', this.#signal, async () => {
      try {
        return await readIntoStore(host, catalog, this.#joined.snapshot, table, chunk, this.#signal);
      } catch (error) {
        if (hasCode(error, 'PS3003')) throw error;
        return { thrown: error };
      }
    });
    if ('thrown' in outcome) throw outcome.thrown;
    return outcome;
  }

  async #loadWorker(): Promise<void> {
    const { host, settings } = this.#context;
    const bound: OperationContext = { ...this.#context, signal: this.#signal };
    const from = this.#loads;
    for (let work = await from.pop(this.#signal); work !== null; work = await from.pop(this.#signal)) {
      const { table, chunk } = work;
      if (this.#ended.has(table.id)) continue;
      await this.#guard(table, async () => {
        await keepTrying(host, settings.pipeline, 'load a chunk', this.#signal, () => loadChunk(bound, table, chunk));
        if (this.#progress.chunkLoaded(table.id, chunk.state.rows, chunk.state.bytes)) await this.#copied(table);
      });
    }
  }

  async #endWorker(ends: (ends: readonly CopyEnd[], signal: AbortSignal) => Promise<void>): Promise<void> {
    const from = this.#ends;
    for (let end = await from.pop(this.#signal); end !== null; end = await from.pop(this.#signal)) {
      const all = [end];
      while (from.size > 0) {
        const next = await from.pop(this.#signal);
        if (next !== null) all.push(next);
      }
      await ends(all, this.#signal);
    }
  }

  async #copied(table: CopyTable): Promise<void> {
    const { snapshot } = this.#joined;
    const { source } = this.#context;
    const marks: FinishedCopy['marks'] =
      source.mode === 'log' ? [{ range: { tag: 'whole' }, order: snapshot.position.order }] : [];
    this.#progress.finishing(table.id);
    await this.#end({ tag: 'copied', table, copied: { ...this.#progress.loaded(table.id), marks } });
  }

  async #end(end: CopyEnd): Promise<void> {
    if (this.#ended.has(end.table.id)) return;
    this.#ended.add(end.table.id);
    await this.#ends.push(end, this.#signal);
  }

  /** Runs a table's work; its own error ends the copy of this table alone. Null then. */
  async #guard<Result>(table: CopyTable, work: () => Promise<Result>): Promise<Result | null> {
    try {
      return await work();
    } catch (error) {
      if (this.#signal.aborted) throw error;
      if (hasCode(error, 'PS2012')) await this.#end({ tag: 'again', table });
      else if (isTablesOwn(error)) await this.#end({ tag: 'failed', table, error });
      else throw error;
      return null;
    }
  }
}

/** Whether the table alone cannot be copied, and will not be the next time either. */
export function isTablesOwn(error: unknown): error is PenstockError {
  return concernsTable(error) && error.retry !== 'timed' && !hasCode(error, 'PS4006');
}
