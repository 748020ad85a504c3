import { JsonPath, Map as MapState, Pass, type Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CopyTask } from '../copy-task.ts';
import { OPERATION, type OperationFrame } from './operation-frame.ts';
import { readerTask } from './reader-task.ts';

/** As many as a deployment may ask for. */
const MOST_WORKERS = 64;

/**
 * The copying side: a task for each worker of the plan, all at once. A worker that dies takes nobody with it, since others take its
 * chunks; when all have ended, that is noted, so that the loading side knows whether more will come.
 */
export function copyWorkers(scope: Construct, frame: OperationFrame, task: CopyTask): Chain {
  const worker = readerTask(scope, 'Copy', task, {
    job: 'copy',
    environment: {
      PENSTOCK_OPERATION: JsonPath.stringAt('$.operation'),
      PENSTOCK_WORKER: JsonPath.format('{}', JsonPath.stringAt('$.worker')),
      PENSTOCK_WORKERS: JsonPath.format('{}', JsonPath.stringAt('$.workers')),
    },
  });
  const ended = new Pass(scope, 'WorkerEnded', { parameters: {} });
  worker.addCatch(ended, { resultPath: JsonPath.DISCARD });
  const workers = new MapState(scope, 'CopyWorkers', {
    itemsPath: '$.plan.workers',
    itemSelector: {
      operation: JsonPath.stringAt('$.operation'),
      worker: JsonPath.numberAt('$$.Map.Item.Value'),
      workers: JsonPath.arrayLength(JsonPath.objectAt('$.plan.workers')),
    },
    maxConcurrency: MOST_WORKERS,
    resultPath: JsonPath.DISCARD,
  }).itemProcessor(worker.next(ended));
  const noted = frame.callInBranch('NoteWorkersEnded', {
    function: 'finish-copy',
    payload: { operation: OPERATION, attempt: JsonPath.numberAt('$.attempt'), workersEnded: true },
    resultPath: null,
  });
  return workers.next(noted);
}
