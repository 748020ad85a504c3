import type { Versioned } from '../../catalog/catalog.ts';
import type { ChunkRecord } from '../../catalog/records.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { CopyPlanner, type CopyOptions } from './copy-planner.ts';
import { CopyProgress } from './copy-progress.ts';
import { concernsTable, extractChunk, type CopyTable, type ExtractedChunk } from './copy-table.ts';
import { finishTable } from './finish-table.ts';
import { loadChunk } from './load-chunk.ts';
import { stopTable } from './stop-table.ts';
import { Together } from './together.ts';
import type { CopiedTable } from './full-extract.ts';
import type { OperationContext } from '../operation-context.ts';

interface ChunkWork<Chunk> {
  readonly table: CopyTable;
  readonly chunk: Chunk;
}

/** Copies tables at one snapshot: extract workers write chunk files, load workers load them, both take what comes next. */
export class CopyRunner {
  readonly #options: CopyOptions;
  readonly #progress: CopyProgress;
  readonly #results = new Map<string, CopiedTable>();
  readonly #together: Together;
  readonly #signal: AbortSignal;
  readonly #planner: CopyPlanner;

  constructor(options: CopyOptions) {
    this.#options = options;
    this.#progress = new CopyProgress(options.context.progress);
    this.#together = new Together(options.context.signal);
    this.#signal = this.#together.signal;
    this.#planner = new CopyPlanner(options, this.#signal);
  }

  /** @throws PenstockError what concerns the whole run; a table's own error is in its result */
  async copy(ids: readonly string[]): Promise<CopiedTable[]> {
    const { settings } = this.#options.context;
    const extracts = new BoundedQueue<ChunkWork<Versioned<ChunkRecord>>>(settings.source.extractThreads);
    const loads = new BoundedQueue<ChunkWork<ExtractedChunk>>(settings.destination.loadThreads + 1);
    const together = this.#together;
    const extracting = together.workers(settings.source.extractThreads, () => this.#extractWorker(extracts, loads));
    const loading = together.workers(settings.destination.loadThreads, () => this.#loadWorker(loads));
    await together.all([
      this.#planAll(ids, extracts).finally(() => extracts.close()),
      extracting.finally(() => loads.close()),
      loading,
    ]);
    return ids.map((id) => this.#result(id));
  }

  async #planAll(ids: readonly string[], extracts: BoundedQueue<ChunkWork<Versioned<ChunkRecord>>>): Promise<void> {
    for (const id of ids) {
      const plan = await this.#guard(id, () => this.#planner.plan(id));
      if (plan === null) continue;
      if (plan.tag !== 'copy') {
        const state = plan.tag === 'done' ? 'copied' : 'skipped';
        this.#results.set(id, { table: id, state, rows: plan.tag === 'done' ? plan.rows : 0, bytes: 0, error: null });
        continue;
      }
      const { table } = plan;
      this.#progress.begin(table);
      if (table.chunks.length === 0) await this.#guard(id, () => this.#finish(table));
      for (const chunk of table.chunks) await extracts.push({ table, chunk }, this.#signal);
    }
  }

  async #extractWorker(
    from: BoundedQueue<ChunkWork<Versioned<ChunkRecord>>>,
    to: BoundedQueue<ChunkWork<ExtractedChunk>>,
  ): Promise<void> {
    const { context, catalog, snapshot } = this.#options;
    for (let work = await from.pop(this.#signal); work !== null; work = await from.pop(this.#signal)) {
      const { table, chunk } = work;
      if (this.#results.has(table.id)) continue;
      const extracted = await this.#guard(table.id, () =>
        extractChunk(context.host, catalog, snapshot, table, chunk, this.#signal),
      );
      if (extracted !== null) await to.push({ table, chunk: extracted }, this.#signal);
    }
  }

  async #loadWorker(loads: BoundedQueue<ChunkWork<ExtractedChunk>>): Promise<void> {
    for (let work = await loads.pop(this.#signal); work !== null; work = await loads.pop(this.#signal)) {
      const { table, chunk } = work;
      if (this.#results.has(table.id)) continue;
      await this.#guard(table.id, async () => {
        await loadChunk(this.#bound(), table, chunk);
        if (this.#progress.chunkLoaded(table.id, chunk.state.rows, chunk.state.bytes)) await this.#finish(table);
      });
    }
  }

  /** Runs a table's work; its own error stops the table alone. Null then. */
  async #guard<Result>(id: string, work: () => Promise<Result>): Promise<Result | null> {
    try {
      return await work();
    } catch (error) {
      if (this.#signal.aborted || !concernsTable(error) || error.retry === 'timed') throw error;
      await stopTable(this.#bound(), this.#options.loader, id, error);
      this.#progress.end(id, 'failed');
      this.#results.set(id, { table: id, state: 'failed', ...this.#progress.loaded(id), error });
      return null;
    }
  }

  async #finish(table: CopyTable): Promise<void> {
    const { head, loader } = this.#options;
    this.#progress.finishing(table.id);
    const loaded = await finishTable(this.#bound(), loader, head.lastExtract, table);
    this.#progress.end(table.id, 'done');
    this.#results.set(table.id, { table: table.id, state: 'copied', ...loaded, error: null });
  }

  /** The context for what is done here: it ends when another worker has failed, too. */
  #bound(): OperationContext {
    return { ...this.#options.context, signal: this.#signal };
  }

  #result(id: string): CopiedTable {
    return this.#results.get(id) ?? { table: id, state: 'copied', rows: 0, bytes: 0, error: null };
  }
}
