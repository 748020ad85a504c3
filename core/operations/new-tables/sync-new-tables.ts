import { withLease, withLeaseInTurn } from '../../catalog/lease.ts';
import { BRIEFLY } from '../../catalog/lease-request.ts';
import { workingForOperation } from '../../catalog/operation-lease.ts';
import type { FullExtractRecord } from '../../catalog/records.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import { CopyProgress } from '../copying/copy-progress.ts';
import { finishBeside } from '../copying/finish-table.ts';
import { stopTable } from '../copying/stop-table.ts';
import type { CopiedTable, FullExtractResult } from '../copying/full-extract.ts';
import type { OperationContext } from '../operation-context.ts';
import { selectionOf, tableSettings } from '../pipeline-tables.ts';
import { BesideCopier, isTablesOwn, type CopyEnd } from './copy-beside.ts';
import { joinLog, type Joined } from './join-log.ts';
import { currentNewTablesRun, endNewTablesRun, refuseWithoutLog } from './new-tables-run.ts';

export interface SyncNewTablesOptions {
  /** Table ids, copied (again) whatever they are; null: those that were never copied, and those with redoInitialExtract. */
  readonly tables: readonly string[] | null;
  /** The operation that this is a step of, and that holds the operation's lease; null: it is one of its own. */
  readonly operation: string | null;
}

/** How long the log and all loads may stand still for a snapshot at first, in milliseconds; each time that does not suffice, twice as long. */
const FIRST_PATIENCE_MILLISECONDS = 15_000;
const MOST_PATIENCE_MILLISECONDS = 300_000;

/**
 * Copies new tables while the log of the others is read and loaded, so that at the end all follow one log. Reader and loader stand still for
 * the moment of the snapshot, the loader for each table that is put in its place. Rows of a table that was there before stay as they are
 * until then. Called again after an interruption, it goes on with the tables that are not done, at a new snapshot.
 * A table that fails is stopped; the others go on.
 * @throws PenstockError PS1004 where nothing was copied yet, PS1005, PS1008 when another operation copies tables; what concerns all tables
 */
export async function syncNewTables(
  { host: outer, ...others }: OperationContext,
  options: SyncNewTablesOptions,
): Promise<FullExtractResult> {
  // A reader and a loader of the same process are asked for their leases as those of any other are.
  const host = { ...outer, owner: `${outer.owner}${BRIEFLY}` };
  const context: OperationContext = { ...others, host };
  const { settings, signal } = context;
  const { operation, tables } = options;
  for (const id of tables ?? []) tableSettings(settings, id);
  await keepTrying(host, settings.pipeline, 'sync new tables', signal, () => refuseWithoutLog(context));
  const work = (_: unknown, operationSignal: AbortSignal): Promise<FullExtractResult> =>
    copyNewTables({ ...context, signal: operationSignal }, tables);
  if (operation === null) return withLease(host, settings.pipeline, 'operation', signal, work);
  return workingForOperation(host, settings.pipeline, operation, signal, work, 'operation');
}

async function copyNewTables(
  context: OperationContext,
  requested: readonly string[] | null,
): Promise<FullExtractResult> {
  const { host, settings, signal } = context;
  const run = await keepTrying(host, settings.pipeline, 'sync new tables', signal, () =>
    currentNewTablesRun(context, requested),
  );
  const copies = new NewTableCopies(context, run);
  await keepTrying(host, settings.pipeline, 'sync new tables', signal, (progressed) => copies.attempt(progressed));
  await keepTrying(host, settings.pipeline, 'sync new tables', signal, () => endNewTablesRun(context, run));
  const tables = copies.results();
  const failed = tables.filter((table) => table.state === 'failed').length;
  host.log.info('new tables follow the log', { tables: tables.length, failed });
  return { tables };
}

class NewTableCopies {
  readonly #context: OperationContext;
  readonly #run: FullExtractRecord;
  readonly #progress: CopyProgress;
  readonly #results = new Map<string, CopiedTable>();
  #patience = FIRST_PATIENCE_MILLISECONDS;
  /** The last snapshot took longer than the patience. */
  #isHeldUp = false;

  constructor(context: OperationContext, run: FullExtractRecord) {
    this.#context = context;
    this.#run = run;
    this.#progress = new CopyProgress(context.progress);
  }

  results(): CopiedTable[] {
    return this.#run.tables.flatMap((id) => this.#results.get(id) ?? []);
  }

  /**
   * One snapshot, and the copies of all tables that are not done.
   * @throws PenstockError what passes by itself: call again
   */
  async attempt(progressed: () => void): Promise<void> {
    await this.#findDone();
    const ids = this.#left();
    if (ids.length === 0) return;
    try {
      const joined = await this.#join(ids);
      await using snapshot = joined.snapshot;
      await this.#copy({ ...joined, snapshot }, progressed);
    } catch (error) {
      throw this.#orAgain(error, this.#context.signal);
    }
    const again = this.#left();
    if (again.length > 0) throw new PenstockError('PS2012', again.join(', '));
  }

  /** The operation is ours until its signal says otherwise: another lease that was lost on the way is taken again. */
  #orAgain(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted || !hasCode(error, 'PS3002', 'PS4006')) return error;
    const what = `the copy of new tables of ${this.#context.settings.pipeline} was held up`;
    return new PenstockError('PS3005', what, { cause: error });
  }

  #left(): string[] {
    return this.#run.tables.filter((id) => !this.#results.has(id));
  }

  /** What this run finished before it was interrupted, or whose end it was not told of. */
  async #findDone(): Promise<void> {
    for (const { table, run, state, copiedRows } of await catalogOf(this.#context).tables()) {
      if (run !== this.#run.run || state.tag !== 'following' || !this.#left().includes(table)) continue;
      const { skipInitialExtract, redoInitialExtract } = tableSettings(this.#context.settings, table);
      const isSkipped = skipInitialExtract && !redoInitialExtract;
      this.#results.set(table, {
        table,
        state: isSkipped ? 'skipped' : 'copied',
        rows: isSkipped ? 0 : copiedRows,
        bytes: this.#progress.loaded(table).bytes,
        error: null,
      });
    }
  }

  async #join(ids: readonly string[]): Promise<Joined> {
    if (this.#isHeldUp) await this.#waitForSnapshot(ids);
    this.#isHeldUp = false;
    try {
      return await joinLog(this.#context, { run: this.#run.run, tables: ids, patience: this.#patience });
    } catch (error) {
      if (hasCode(error, 'PS2010')) {
        this.#isHeldUp = true;
        this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE_MILLISECONDS);
      }
      throw error;
    }
  }

  /** A snapshot that nobody uses: it comes when the transactions have ended that hold up the next one, and nobody stands still for it. */
  async #waitForSnapshot(ids: readonly string[]): Promise<void> {
    const { settings, signal, source } = this.#context;
    const tables = ids.map((id) => selectionOf(tableSettings(settings, id)));
    const snapshot = await source.openSnapshot({ tables, readers: 1 }, signal);
    await snapshot[Symbol.asyncDispose]();
  }

  async #copy(joined: Joined, progressed: () => void): Promise<void> {
    for (const table of joined.skipped) {
      this.#results.set(table, { table, state: 'skipped', rows: 0, bytes: 0, error: null });
    }
    for (const [table, error] of joined.failed) this.#failed(table, error);
    const copier = new BesideCopier(this.#context, joined, this.#progress);
    await copier.copy(async (ends, signal) => {
      await this.#end(joined, ends, signal);
      progressed();
    });
  }

  /** Under the loader's lease, which is held for no longer than this. */
  async #end({ joinsAfter }: Joined, ends: readonly CopyEnd[], signal: AbortSignal): Promise<void> {
    const { host, settings } = this.#context;
    const { pipeline } = settings;
    const waiting = ends.filter(({ tag }) => tag !== 'again');
    if (waiting.length === 0) return;
    await keepTrying(host, pipeline, 'finish copies', signal, async () => {
      const turn = withLeaseInTurn(host, pipeline, 'loader', signal, async (loader, loaderSignal) => {
        const bound: OperationContext = { ...this.#context, signal: loaderSignal };
        await bound.destination.takeLedger(pipeline, loader.epoch, loaderSignal);
        for (let end = waiting[0]; end !== undefined; end = waiting[0]) {
          const failure = end.tag === 'failed' ? end.error : await this.#finish(bound, loader, joinsAfter, end);
          if (failure !== null) {
            await stopTable(bound, loader, end.table.id, failure);
            this.#failed(end.table.id, failure);
          }
          waiting.shift();
        }
      });
      await turn.catch((error: unknown) => {
        throw this.#orAgain(error, signal);
      });
      // Whoever loads next catches up with them first.
      host.wakeUps.signal(pipeline);
    });
  }

  /** @returns the table's own error */
  async #finish(
    context: OperationContext,
    loader: Parameters<typeof finishBeside>[1],
    joinsAfter: number,
    end: CopyEnd,
  ): Promise<PenstockError | null> {
    if (end.tag !== 'copied') return null;
    const { id } = end.table;
    try {
      await finishBeside(context, loader, joinsAfter, end.table, end.copied);
    } catch (error) {
      if (context.signal.aborted || !isTablesOwn(error)) throw error;
      return error;
    }
    const { rows, bytes } = end.copied;
    this.#progress.end(id, 'done');
    this.#results.set(id, { table: id, state: 'copied', rows, bytes, error: null });
    return null;
  }

  #failed(table: string, error: PenstockError): void {
    this.#progress.end(table, 'failed');
    this.#results.set(table, { table, state: 'failed', ...this.#progress.loaded(table), error });
  }
}
