import type { Catalog } from '../../catalog/catalog.ts';
import { withLeaseInTurn, type Lease } from '../../catalog/lease.ts';
import { askFor, turnOf } from '../../catalog/lease-request.ts';
import { newTableRecord, type HeadRecord, type TableRecord } from '../../catalog/records.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { CopyRun } from '../../destinations/destination.ts';
import { targetOf } from '../../destinations/target-naming.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Snapshot } from '../../sources/source-connector.ts';
import { catalogOf } from '../contexts.ts';
import { checkNotNullKey } from '../copying/copy-planner.ts';
import { concernsTable, type CopyTable } from '../copying/copy-table.ts';
import { openDescribedSnapshot, type DescribedSnapshot } from '../copying/described-snapshot.ts';
import { copiedAnew } from '../copying/full-extract-run.ts';
import { stopTable } from '../copying/stop-table.ts';
import { neverCopied } from '../replication/follow-and-load.ts';
import type { OperationContext } from '../operation-context.ts';
import { followedTables, selectionOf, tableSettings } from '../pipeline-tables.ts';
import { withPatience } from './with-patience.ts';

export interface JoinRequest {
  /** Identifies the run. */
  readonly run: string;
  /** Table ids. */
  readonly tables: readonly string[];
  /** How long the log and the loads of all tables may stand still for the snapshot, in milliseconds. */
  readonly patience: number;
}

/** Tables that the reader follows from now on, and whose copies are to be made of one snapshot. */
export interface Joined {
  readonly snapshot: Snapshot;
  /** Extracts after this one may hold changes that the copies lack; none before it does. */
  readonly joinsAfter: number;
  /** Not cut into chunks yet. */
  readonly tables: readonly CopyTable[];
  /** Followed without a copy. */
  readonly skipped: readonly string[];
  /** Stopped: what is wrong concerns the table alone. */
  readonly failed: ReadonlyMap<string, PenstockError>;
}

/**
 * For a moment nobody reads the log and nobody loads: the log gets the tables, a snapshot is taken, and its place and the last extract are
 * noted in the tables' records. A reader that goes on from here knows which changes the snapshot holds before it comes to them.
 * The snapshot stays open; the caller disposes of it.
 * @throws PenstockError PS1007 while the reader or the loader does not hand over, PS2010 where the snapshot takes longer than the patience
 */
export async function joinLog(context: OperationContext, request: JoinRequest): Promise<Joined> {
  const { host, settings, signal } = context;
  const { pipeline } = settings;
  // Both hand over at their next renewal: asked at once, they stand still together.
  await askFor(host, pipeline, 'loader', turnOf(host));
  return withLeaseInTurn(host, pipeline, 'reader', signal, (reader, readerSignal) =>
    withLeaseInTurn(host, pipeline, 'loader', readerSignal, async (loader, loaderSignal) => {
      const bound: OperationContext = { ...context, signal: loaderSignal };
      await bound.destination.takeLedger(pipeline, loader.epoch, loaderSignal);
      // From here on no reader of before can list an extract.
      const { head } = await catalogOf(bound).openHead(reader);
      const described = await openSnapshot(bound, head, request);
      try {
        return await new Joining(bound, loader, request, described, head).join();
      } catch (error) {
        await described.snapshot[Symbol.asyncDispose]();
        throw error;
      }
    }),
  );
}

async function openSnapshot(
  context: OperationContext,
  { position }: HeadRecord,
  { run, tables, patience }: JoinRequest,
): Promise<DescribedSnapshot> {
  const { host, settings, source, signal } = context;
  if (position === null) throw neverCopied(context);
  const records = await catalogOf(context).tables();
  const followed = new Set(followedTables(settings, records).map(({ id }) => id));
  const chosen = settings.tables.filter(({ table }) => followed.has(tableId(table)) || tables.includes(tableId(table)));
  const tooLong = (): Error =>
    new PenstockError('PS2010', `a long transaction holds up the snapshot of new tables of ${settings.pipeline}`, {
      remedy: 'Nothing: the log is read meanwhile, and it is tried again when the transaction has ended.',
    });
  const described = await withPatience(host.clock, patience, signal, tooLong, async (patienceSignal) => {
    await source.prepare(
      chosen.map(selectionOf),
      position,
      patienceSignal,
      copiedAnew(settings, records, { run, tables }),
    );
    await host.failpoint('join.after-prepare');
    const bound = { ...context, signal: patienceSignal };
    return openDescribedSnapshot(bound, tables, settings.source.extractThreads, null);
  });
  const { position: taken } = described.snapshot;
  if (taken.lineage === position.lineage && (source.mode !== 'log' || taken.order >= position.order)) return described;
  await described.snapshot[Symbol.asyncDispose]();
  throw new PenstockError(
    'PS2001',
    `the snapshot was taken at ${taken.order} of ${taken.lineage}, before the position`,
  );
}

/** Notes in each table's record that it is copied beside the log. */
class Joining {
  readonly #context: OperationContext;
  readonly #catalog: Catalog;
  readonly #loader: Lease;
  readonly #run: string;
  readonly #ids: readonly string[];
  readonly #described: DescribedSnapshot;
  readonly #joinsAfter: number;
  readonly #tables: CopyTable[] = [];
  readonly #skipped: string[] = [];
  readonly #failed = new Map<string, PenstockError>();

  constructor(
    context: OperationContext,
    loader: Lease,
    { run, tables }: JoinRequest,
    described: DescribedSnapshot,
    head: HeadRecord,
  ) {
    this.#context = context;
    this.#catalog = catalogOf(context);
    this.#loader = loader;
    this.#run = run;
    this.#ids = tables;
    this.#described = described;
    this.#joinsAfter = head.lastExtract;
  }

  async join(): Promise<Joined> {
    await this.#context.host.failpoint('join.after-snapshot');
    for (const id of this.#ids) {
      try {
        await this.#joinOne(id);
      } catch (error) {
        if (this.#context.signal.aborted || !concernsTable(error) || error.retry === 'timed' || error.code === 'PS4006')
          throw error;
        await stopTable(this.#context, this.#loader, id, error);
        this.#failed.set(id, error);
      }
    }
    const { snapshot } = this.#described;
    const [tables, skipped, failed] = [this.#tables, this.#skipped, this.#failed];
    return { snapshot, joinsAfter: this.#joinsAfter, tables, skipped, failed };
  }

  async #joinOne(id: string): Promise<void> {
    const { context, schema, own } = this.#known(id);
    const record = (await this.#catalog.table(id))?.record ?? newTableRecord(id);
    if (own.skipInitialExtract && !own.redoInitialExtract) {
      await this.#skip(record, schema);
      return;
    }
    const isAgain = record.run === this.#run && record.state.tag === 'copying';
    if (isAgain) this.#reportRestart(id);
    const generation = record.generation + 1;
    const { snapshot } = this.#described;
    const target = targetOf(context.settings, own, schema);
    const run: CopyRun = {
      pipeline: context.settings.pipeline,
      target,
      generation,
      takenAt: snapshot.takenAt,
      epoch: this.#loader.epoch,
      isBeside: true,
    };
    // All that was learnt of the table since its last copy is void.
    await this.#catalog.updateTable(id, this.#loader, (before) => ({
      ...newTableRecord(id),
      state: { tag: 'copying' },
      generation,
      schema,
      copiedRows: (before ?? record).copiedRows,
      run: this.#run,
      marks: this.#marks(),
      joinsAfter: this.#joinsAfter,
    }));
    await context.host.failpoint('join.after-record');
    await context.destination.beginCopy(run, context.signal);
    await context.host.failpoint('copy.after-begin');
    this.#tables.push({ id, selection: selectionOf(own), schema, run, chunks: [], estimatedRows: null });
  }

  #known(id: string) {
    const schema = this.#described.structures.get(id) ?? new PenstockError('PS1005', id, { table: id });
    if (schema instanceof PenstockError) throw schema;
    checkNotNullKey(schema);
    return { context: this.#context, schema, own: tableSettings(this.#context.settings, id) };
  }

  /** Changes from here on, without a copy; a table that is followed already goes on as it is. */
  async #skip(record: TableRecord, schema: TableSchema): Promise<void> {
    const { destination, settings, signal } = this.#context;
    const { table: id } = record;
    this.#skipped.push(id);
    if (record.state.tag === 'following') return;
    await destination.createTable(targetOf(settings, tableSettings(settings, id), schema), signal);
    await this.#catalog.updateTable(id, this.#loader, (before) => ({
      ...(before ?? record),
      state: { tag: 'following' },
      schema,
      marks: this.#marks(),
      run: this.#run,
      chunks: null,
      joinsAfter: null,
    }));
  }

  #marks(): TableRecord['marks'] {
    const { position } = this.#described.snapshot;
    return this.#context.source.mode === 'log' ? [{ range: { tag: 'whole' }, order: position.order }] : [];
  }

  #reportRestart(table: string): void {
    const { host, settings } = this.#context;
    const reason = 'it was interrupted, and its snapshot is gone';
    host.log.warn('copy starts anew', { table, reason });
    const generated = host.clock.timestamp();
    host.events.emit({ type: 'CopyRestarted', pipeline: settings.pipeline, generated, table, reason });
  }
}
