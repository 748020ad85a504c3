import { copyWorker } from '../../core/operations/copying/copy-worker.ts';
import { threadsPerWorker } from '../../core/operations/copying/copy-workers.ts';
import { follow } from '../../core/operations/replication/follow.ts';
import { readLogForOperation } from '../../core/operations/replication/follow-and-load.ts';
import { syncNewTables } from '../../core/operations/new-tables/sync-new-tables.ts';
import type { ExtractedSince } from '../../core/events/event.ts';
import type { OperationContext, Progress } from '../../core/operations/operation-context.ts';
import { copyTaskOf, newTablesTaskOf, operationOf } from '../../hosts/aws/deployed-environment.ts';
import { reportReaderStatus } from '../../core/operations/replication/reader-status.ts';
import { resourceUse } from '../../hosts/node/resource-use.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** One of the image's jobs; `isEndless`: it ends in order when it is asked to, any other has not done its work then. */
export interface Job {
  readonly isEndless: boolean;
  readonly run: (context: OperationContext, environment: Environment, temporaryFolder: string) => Promise<void>;
}

export const JOBS: Readonly<Record<string, Job>> = {
  /** The service: reads the log until the task is stopped. */
  follow: {
    isEndless: true,
    run: (context, _environment, temporaryFolder) => follow(context, () => resourceUse(temporaryFolder)),
  },
  /** A worker of a full extract: takes chunks until none is left. */
  copy: {
    isEndless: false,
    async run(context, environment) {
      const { operation, worker, workers } = copyTaskOf(environment);
      const threads = threadsPerWorker(context.settings.source.extractThreads, workers);
      const chunks = await copyWorker(context, { operation, worker, workers, threads });
      context.host.log.info('copy worker done', { operation, worker, chunks });
    },
  },
  /** Sync New Tables, all of it, beside the service. */
  'new-tables': {
    isEndless: false,
    async run(context, environment) {
      await syncNewTables(context, newTablesTaskOf(environment));
    },
  },
  /** A step of an operation: reads the log up to now. */
  delta: {
    isEndless: false,
    async run(context, environment, temporaryFolder) {
      const extracted = { extracts: 0, extractedRows: 0, extractedBytes: 0 };
      const progress = (update: Progress): void => {
        if (update.tag === 'extract') {
          extracted.extracts++;
          extracted.extractedRows += update.rows;
          extracted.extractedBytes += update.bytes;
        }
        context.progress(update);
      };
      await readLogForOperation({ ...context, progress }, operationOf(environment));
      await reportBetweenRuns(context, temporaryFolder, extracted);
    },
  },
};

/** Where nobody reads between runs, each run says how the source's log stands; that it cannot is no reason for it to fail. */
async function reportBetweenRuns(
  context: OperationContext,
  temporaryFolder: string,
  extracted: ExtractedSince,
): Promise<void> {
  const { host, settings, signal, source } = context;
  if (settings.schedule.tag === 'automatic') return;
  const standing = { state: 'waiting', reason: 'the schedule has runs, and none is at work', remedy: '' } as const;
  try {
    const log = await source.logHealth(signal);
    await reportReaderStatus(context, { ...standing, log }, await resourceUse(temporaryFolder), extracted);
  } catch (error) {
    host.log.warn('status not reported', { reason: error instanceof Error ? error.message : String(error) });
  }
}
