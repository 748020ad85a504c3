import type { Catalog, Versioned } from '../catalog/catalog.ts';
import type { Lease } from '../catalog/lease.ts';
import type { ChunkRecord, HeadRecord, TableRecord } from '../catalog/records.ts';
import { tableId } from '../changes/table-name.ts';
import { keyOrdinals, type TableSchema } from '../changes/table-schema.ts';
import { targetOf } from '../destinations/target-naming.ts';
import type { CopyRun } from '../destinations/destination.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { Snapshot, TableSelection } from '../sources/source-connector.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { copyMarks, copyPrefix, planResume } from './copy-plan.ts';
import { CopyProgress } from './copy-progress.ts';
import {
  concernsTable,
  extractChunk,
  openChunk,
  readChunkMisfits,
  type CopyTable,
  type ExtractedChunk,
} from './copy-table.ts';
import type { CopiedTable } from './full-extract.ts';
import type { OperationContext } from './operation-context.ts';
import { selectionOf, tableSettings } from './pipeline-tables.ts';

export interface CopyRunnerOptions {
  readonly context: OperationContext;
  readonly catalog: Catalog;
  readonly snapshot: Snapshot;
  readonly loader: Lease;
  /** The full extract's identifier. */
  readonly run: string;
  readonly head: HeadRecord;
}

interface ChunkWork<Chunk> {
  readonly table: CopyTable;
  readonly chunk: Chunk;
}

/** Copies tables at one snapshot: extract workers write chunk files, load workers load them, both take what comes next. */
export class CopyRunner {
  readonly #options: CopyRunnerOptions;
  readonly #progress: CopyProgress;
  readonly #results = new Map<string, CopiedTable>();
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;

  constructor(options: CopyRunnerOptions) {
    this.#options = options;
    this.#progress = new CopyProgress(options.context.progress);
    this.#signal = AbortSignal.any([options.context.signal, this.#failed.signal]);
  }

  /** @throws PenstockError what concerns the whole run; a table's own error is in its result */
  async copy(ids: readonly string[]): Promise<CopiedTable[]> {
    const { settings } = this.#options.context;
    const extracts = new BoundedQueue<ChunkWork<Versioned<ChunkRecord>>>(settings.source.extractThreads);
    const loads = new BoundedQueue<ChunkWork<ExtractedChunk>>(settings.destination.loadThreads + 1);
    const extracting = this.#all(settings.source.extractThreads, () => this.#extractWorker(extracts, loads));
    const loading = this.#all(settings.destination.loadThreads, () => this.#loadWorker(loads));
    await this.#settle([
      this.#planAll(ids, extracts).finally(() => extracts.close()),
      extracting.finally(() => loads.close()),
      loading,
    ]);
    return ids.map((id) => this.#result(id));
  }

  async #settle(works: readonly Promise<void>[]): Promise<void> {
    const guarded = works.map((work) =>
      work.catch((error: unknown) => {
        this.#failed.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(guarded);
    this.#options.context.signal.throwIfAborted();
    this.#failed.signal.throwIfAborted();
  }

  async #all(count: number, worker: () => Promise<void>): Promise<void> {
    await Promise.all(Array.from({ length: count }, worker));
  }

  async #planAll(ids: readonly string[], extracts: BoundedQueue<ChunkWork<Versioned<ChunkRecord>>>): Promise<void> {
    for (const id of ids) {
      const table = await this.#guard(id, () => this.#plan(id));
      if (table === null) continue;
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
    const { context } = this.#options;
    for (let work = await loads.pop(this.#signal); work !== null; work = await loads.pop(this.#signal)) {
      const { table, chunk } = work;
      if (this.#results.has(table.id)) continue;
      await this.#guard(table.id, async () => {
        const misfits = await readChunkMisfits(context.host, chunk, this.#signal);
        const run = { ...table.run, takenAt: chunk.state.takenAt };
        await context.destination.copyChunk(run, openChunk(context.host, chunk, misfits, this.#signal), this.#signal);
        await context.host.failpoint('copy.after-chunk-load');
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
      await this.#stop(id, error);
      return null;
    }
  }

  async #stop(id: string, error: PenstockError): Promise<void> {
    const { catalog, context } = this.#options;
    const { host, settings } = context;
    const since = host.clock.timestamp();
    const { code, message, remedy } = error;
    await catalog.updateTable(id, (before) => ({
      ...(before ?? newRecord(id)),
      state: { tag: 'stopped', code, message, remedy, since },
    }));
    host.log.error('table stopped', { table: id, code, message });
    host.events.emit({
      type: 'TableStopped',
      pipeline: settings.pipeline,
      generated: since,
      table: id,
      errorCode: code,
      message,
      remedy,
    });
    this.#progress.end(id, 'failed');
    this.#results.set(id, { table: id, state: 'failed', ...this.#progress.loaded(id), error });
  }

  /** Null where the table is done already or not copied at all. */
  async #plan(id: string): Promise<CopyTable | null> {
    const { context, catalog, run } = this.#options;
    const settings = tableSettings(context.settings, id);
    const selection = selectionOf(settings);
    const record = (await catalog.table(id))?.record ?? newRecord(id);
    if (record.run === run && record.state.tag === 'following') return null;
    const [schema] = await context.source.describeTables([selection], this.#signal);
    if (schema === undefined) throw new PenstockError('PS1005', id, { table: id });
    checkNotNullKey(schema);
    if (settings.skipInitialExtract && !settings.redoInitialExtract) return this.#skip(id, schema);
    const planned = await this.#resumeOrBegin(record, selection, schema);
    await context.destination.beginCopy(planned.run, this.#signal);
    await context.host.failpoint('copy.after-begin');
    return planned;
  }

  async #resumeOrBegin(record: TableRecord, selection: TableSelection, schema: TableSchema): Promise<CopyTable> {
    const { catalog, context, run } = this.#options;
    const id = record.table;
    let generation = record.generation;
    if (record.run !== run || record.state.tag !== 'copying') {
      generation++;
      await this.#setCopying(record, generation, schema);
    } else {
      const chunks = await catalog.chunks(id, generation);
      const plan = planResume(record, schema, chunks, this.#options.head.position?.order ?? '');
      if (plan.tag === 'resume') return this.#copyTable(id, selection, schema, generation, plan.chunks);
      if (plan.tag === 'restart') {
        this.#reportRestart(id, plan.reason);
        generation++;
        await this.#setCopying(record, generation, schema);
      }
    }
    await catalog.removeChunks(id, generation);
    const ranges = await this.#options.snapshot.planChunks(
      selection,
      schema,
      context.settings.extracts.chunkBytes,
      this.#signal,
    );
    const chunks: Versioned<ChunkRecord>[] = [];
    for (const [index, range] of ranges.entries()) {
      const chunk: ChunkRecord = { index, range, state: { tag: 'waiting' } };
      chunks.push({ record: chunk, version: await catalog.putChunk(id, generation, chunk, null) });
    }
    await catalog.updateTable(id, (before) => ({ ...(before ?? record), chunks: chunks.length }));
    return this.#copyTable(id, selection, schema, generation, chunks);
  }

  async #copyTable(
    id: string,
    selection: TableSelection,
    schema: TableSchema,
    generation: number,
    chunks: readonly Versioned<ChunkRecord>[],
  ): Promise<CopyTable> {
    const { context, snapshot, loader } = this.#options;
    const target = targetOf(context.settings, tableSettings(context.settings, id), schema);
    const run: CopyRun = {
      pipeline: context.settings.pipeline,
      target,
      generation,
      takenAt: snapshot.takenAt,
      epoch: loader.epoch,
    };
    const estimatedRows = await snapshot.estimateRows(selection, this.#signal);
    return { id, selection, schema, run, chunks, estimatedRows };
  }

  async #setCopying(record: TableRecord, generation: number, schema: TableSchema): Promise<void> {
    const { catalog, run } = this.#options;
    await catalog.updateTable(record.table, (before) => ({
      ...(before ?? record),
      state: { tag: 'copying' },
      generation,
      schema,
      olderFingerprints: [],
      marks: [],
      run,
      chunks: null,
    }));
  }

  #reportRestart(table: string, reason: string): void {
    const { host, settings } = this.#options.context;
    host.log.warn('copy starts anew', { table, reason });
    host.events.emit({
      type: 'CopyRestarted',
      pipeline: settings.pipeline,
      generated: host.clock.timestamp(),
      table,
      reason,
    });
  }

  /** Changes from here on, without a copy. */
  async #skip(id: string, schema: TableSchema): Promise<null> {
    const { context, catalog, run, snapshot } = this.#options;
    const record = (await catalog.table(id))?.record ?? newRecord(id);
    if (record.state.tag !== 'following') {
      await context.destination.createTable(
        targetOf(context.settings, tableSettings(context.settings, id), schema),
        this.#signal,
      );
      await catalog.updateTable(id, (before) => ({
        ...(before ?? record),
        state: { tag: 'following' },
        schema,
        marks: this.#keepsMarks() ? [{ range: { tag: 'whole' }, order: snapshot.position.order }] : [],
        run,
        chunks: null,
      }));
    }
    this.#results.set(id, { table: id, state: 'skipped', rows: 0, bytes: 0, error: null });
    return null;
  }

  async #finish(table: CopyTable): Promise<void> {
    const { context, catalog, head } = this.#options;
    const { host, settings, destination } = context;
    const { generation } = table.run;
    await host.failpoint('copy.before-finish');
    this.#progress.finishing(table.id);
    await destination.finishCopy(table.run, head.lastExtract, this.#signal);
    await host.failpoint('copy.after-finish');
    const loaded = this.#progress.loaded(table.id);
    const chunks = (await catalog.chunks(table.id, generation)).map((chunk) => chunk.record);
    await catalog.updateTable(table.id, (before) => ({
      ...(before ?? newRecord(table.id)),
      state: { tag: 'following' },
      schema: table.schema,
      marks: this.#keepsMarks() ? copyMarks(chunks) : [],
      copiedRows: loaded.rows,
      chunks: null,
    }));
    await catalog.removeChunks(table.id, generation);
    await host.store.deletePrefix(copyPrefix(settings.pipeline, table.id, generation), this.#signal);
    const generated = host.clock.timestamp();
    host.events.emit({ type: 'TableExtracted', pipeline: settings.pipeline, generated, table: table.id, ...loaded });
    this.#progress.end(table.id, 'done');
    this.#results.set(table.id, { table: table.id, state: 'copied', ...loaded, error: null });
  }

  #keepsMarks(): boolean {
    return this.#options.context.source.mode === 'log';
  }

  #result(id: string): CopiedTable {
    return this.#results.get(id) ?? { table: id, state: 'copied', rows: 0, bytes: 0, error: null };
  }
}

function newRecord(table: string): TableRecord {
  return {
    table,
    state: { tag: 'new' },
    generation: 0,
    schema: null,
    olderFingerprints: [],
    marks: [],
    copiedRows: 0,
    run: '',
    chunks: null,
  };
}

/** A key column that may be NULL does not identify a row. */
function checkNotNullKey(schema: TableSchema): void {
  if (schema.identity.tag === 'row') return;
  const nullable = keyOrdinals(schema).flatMap((ordinal) =>
    schema.columns[ordinal]?.nullable === true ? [schema.columns[ordinal].name] : [],
  );
  if (nullable.length === 0) return;
  const table = tableId(schema.table);
  throw new PenstockError('PS1001', `key column ${nullable.join(', ')} of ${table} may be NULL`, {
    table,
    remedy: `Choose key columns that are NOT NULL, or make them so: ALTER TABLE ${table} ALTER COLUMN … SET NOT NULL.`,
  });
}
