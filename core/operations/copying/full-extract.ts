import { withLease, withLeaseAgain, type Lease } from '../../catalog/lease.ts';
import type { FullExtractRecord } from '../../catalog/records.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import type { PenstockError } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import { CopyRunner } from './copy-runner.ts';
import { runUnderWay } from './copy-in-progress.ts';
import { openDescribedSnapshot } from './described-snapshot.ts';
import { currentRun, endRun, prepareLog } from './full-extract-run.ts';
import type { OperationContext } from '../operation-context.ts';
import { forgetWhereGone, noteSnapshot, placeToReopen } from './run-snapshot.ts';
import { tableSettings } from '../pipeline-tables.ts';

export interface FullExtractOptions {
  /** Table ids to copy; null: all chosen tables. */
  readonly tables: readonly string[] | null;
}

export interface FullExtractResult {
  readonly tables: readonly CopiedTable[];
}

export interface CopiedTable {
  readonly table: string;
  readonly state: 'copied' | 'skipped' | 'failed';
  readonly rows: number;
  /** Before compression. */
  readonly bytes: number;
  readonly error: PenstockError | null;
}

/**
 * Copies tables as they are at one snapshot of the source, so that the log goes on exactly behind it, in this process alone;
 * operations/copying/plan-copies begins the same for many processes.
 * Called again after an interruption, it goes on with the tables and chunks that are not done; at the same snapshot, where the source can show that once more.
 * A table that fails is stopped; the others go on.
 * @throws PenstockError PS1007 when the pipeline is at work elsewhere, PS1008 when another operation copies tables; what concerns all tables
 */
export async function fullExtract(context: OperationContext, options: FullExtractOptions): Promise<FullExtractResult> {
  const { host, settings, signal } = context;
  for (const id of options.tables ?? []) tableSettings(settings, id);
  return withLease(host, settings.pipeline, 'operation', signal, (_, operationSignal) =>
    withLease(host, settings.pipeline, 'reader', operationSignal, (reader, readerSignal) =>
      withLeaseAgain(host, settings.pipeline, 'loader', readerSignal, async (loader, loaderSignal) => {
        const bound: OperationContext = { ...context, signal: loaderSignal };
        const run = await currentRun(bound, options.tables);
        return keepTrying(host, settings.pipeline, 'full extract', loaderSignal, async () =>
          attempt(bound, reader, loader, run),
        );
      }),
    ),
  );
}

async function attempt(
  context: OperationContext,
  reader: Lease,
  loader: Lease,
  run: FullExtractRecord,
): Promise<FullExtractResult> {
  const { host, settings, destination, signal } = context;
  const catalog = catalogOf(context);
  await destination.takeLedger(settings.pipeline, loader.epoch, signal);
  const head = await catalog.openHead(reader);
  const refused = await prepareLog(context, head, run);
  const place = placeToReopen((await runUnderWay(context)).record, head.head);
  const described = await openDescribedSnapshot(context, run.tables, settings.source.extractThreads, place, refused);
  await using snapshot = described.snapshot;
  await noteSnapshot(context, run.run, snapshot);
  const { structures } = described;
  const runner = new CopyRunner({ context, catalog, snapshot, structures, loader, run: run.run, head: head.head });
  const tables = await runner.copy(run.tables).catch(async (error: unknown) => {
    await forgetWhereGone(context, run.run, error);
    throw error;
  });
  await endRun(context, loader, run, head.head.lastExtract);
  host.log.info('full extract done', {
    tables: tables.length,
    failed: tables.filter((table) => table.state === 'failed').length,
  });
  return { tables };
}
