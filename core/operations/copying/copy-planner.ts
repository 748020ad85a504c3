import type { Catalog, Versioned } from '../../catalog/catalog.ts';
import type { CopiedSettings } from '../../catalog/copied-settings.ts';
import type { Lease } from '../../catalog/lease.ts';
import { newTableRecord, type ChunkRecord, type HeadRecord, type TableRecord } from '../../catalog/records.ts';
import { tableId } from '../../changes/table-name.ts';
import { keyOrdinals, type TableSchema } from '../../changes/table-schema.ts';
import type { CopyRun } from '../../destinations/destination.ts';
import { targetOf } from '../../destinations/target-naming.ts';
import { changedSettings, settingsOfCopy } from '../../loads/changed-settings.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Snapshot, TableSelection } from '../../sources/source-connector.ts';
import { planResume } from './copy-plan.ts';
import type { CopyTable } from './copy-table.ts';
import type { DescribedSnapshot } from './described-snapshot.ts';
import type { OperationContext } from '../operation-context.ts';
import { selectionOf, tableSettings } from '../pipeline-tables.ts';

/** What a full extract works with. */
export interface CopyOptions {
  readonly context: OperationContext;
  readonly catalog: Catalog;
  readonly snapshot: Snapshot;
  /** By table id, the structures in the snapshot; the error of a table that cannot be described. */
  readonly structures: DescribedSnapshot['structures'];
  readonly loader: Lease;
  /** The full extract's identifier. */
  readonly run: string;
  readonly head: HeadRecord;
}

/** What is to be done with a table in this full extract. */
export type CopyPlan =
  | { readonly tag: 'copy'; readonly table: CopyTable }
  /** Finished before the interruption. */
  | { readonly tag: 'done'; readonly rows: number }
  /** Followed without a copy. */
  | { readonly tag: 'skipped' };

/** Decides for each table whether its copy begins, goes on or starts anew, and cuts it into chunks. */
export class CopyPlanner {
  readonly #options: CopyOptions;
  readonly #signal: AbortSignal;

  constructor(options: CopyOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** @throws PenstockError PS1001, PS1005, PS1006, PS2011 and the source's errors, about this table */
  async plan(id: string): Promise<CopyPlan> {
    const { context, catalog, run, structures } = this.#options;
    const settings = tableSettings(context.settings, id);
    const selection = selectionOf(settings);
    const record = (await catalog.table(id))?.record ?? newTableRecord(id);
    if (record.run === run && record.state.tag === 'following') return { tag: 'done', rows: record.copiedRows };
    const schema = structures.get(id) ?? new PenstockError('PS1005', id, { table: id });
    if (schema instanceof PenstockError) throw schema;
    checkNotNullKey(schema);
    if (settings.skipInitialExtract && !settings.redoInitialExtract) return this.#skip(id, schema);
    const planned = await this.#resumeOrBegin(record, selection, schema);
    await context.destination.beginCopy(planned.run, this.#signal);
    await context.host.failpoint('copy.after-begin');
    return { tag: 'copy', table: planned };
  }

  async #resumeOrBegin(record: TableRecord, selection: TableSelection, schema: TableSchema): Promise<CopyTable> {
    const { catalog, context, loader, run } = this.#options;
    const id = record.table;
    if (record.run === run && record.state.tag === 'copying') {
      const listed = await catalog.chunks(id, record.generation);
      const plan = planResume(record, schema, listed, {
        headOrder: this.#options.head.position?.order ?? '',
        snapshotOrder: this.#options.snapshot.position.order,
      });
      const changed = record.copied === null ? null : changedSettings(id, record.copied, this.#settingsOf(id));
      if (plan.tag === 'resume' && changed === null) {
        return this.#copyTable(id, selection, schema, record.generation, plan.chunks);
      }
      const reason = plan.tag === 'restart' ? plan.reason : changed?.message;
      if (reason !== undefined) this.#reportRestart(id, reason);
    }
    // A number of its own for each list of chunks: a removal of an older one that is long on its way cannot take a chunk out of this one.
    const generation = record.generation + 1;
    await this.#setCopying(record, generation, schema);
    await catalog.removeChunks(id, record.generation);
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
    await catalog.updateTable(id, loader, (before) => ({ ...(before ?? record), chunks: chunks.length }));
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
    const { catalog, loader, run } = this.#options;
    // All that was learnt of the table since its last copy is void.
    await catalog.updateTable(record.table, loader, (before) => ({
      ...newTableRecord(record.table),
      state: { tag: 'copying' },
      generation,
      schema,
      copiedRows: (before ?? record).copiedRows,
      copied: this.#settingsOf(record.table),
      run,
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
  async #skip(id: string, schema: TableSchema): Promise<CopyPlan> {
    const { context, catalog, loader, run, snapshot } = this.#options;
    const record = (await catalog.table(id))?.record ?? newTableRecord(id);
    if (record.state.tag !== 'following') {
      await context.destination.createTable(
        targetOf(context.settings, tableSettings(context.settings, id), schema),
        this.#signal,
      );
      await catalog.updateTable(id, loader, (before) => ({
        ...(before ?? record),
        state: { tag: 'following' },
        schema,
        marks: context.source.mode === 'log' ? [{ range: { tag: 'whole' }, order: snapshot.position.order }] : [],
        run,
        copied: this.#settingsOf(id),
        chunks: null,
      }));
    }
    return { tag: 'skipped' };
  }

  #settingsOf(id: string): CopiedSettings {
    const { settings } = this.#options.context;
    return settingsOfCopy(settings, tableSettings(settings, id));
  }
}

/** A key column that may be NULL does not identify a row. */
export function checkNotNullKey(schema: TableSchema): void {
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
