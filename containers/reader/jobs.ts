import { copyWorker } from '../../core/operations/copying/copy-worker.ts';
import { threadsPerWorker } from '../../core/operations/copying/copy-workers.ts';
import { follow } from '../../core/operations/follow.ts';
import { readLogForOperation } from '../../core/operations/follow-and-load.ts';
import { syncNewTables } from '../../core/operations/new-tables/sync-new-tables.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { copyTaskOf, newTablesTaskOf, operationOf } from '../../hosts/aws/deployed-environment.ts';
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
    run: (context, environment) => readLogForOperation(context, operationOf(environment)),
  },
};
