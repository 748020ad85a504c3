import { Choice, Condition, JsonPath, Parallel, Pass, type Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CopyTask } from '../copy-task.ts';
import { copyWorkers } from './copy-workers.ts';
import { loadWhileCopying } from './load-while-copying.ts';
import { OPERATION, REQUEST, type OperationFrame } from './operation-frame.ts';

/** What is counted while tables are copied. */
export const COPY_COUNTERS = { attempt: 1, round: { number: 0 } } as const;

/** How often workers are started that all ended before everything was copied. */
const MOST_ATTEMPTS = 5;

export interface Copying {
  /** Null with an external reader: workers on premises take the chunks then, and this waits for them. */
  readonly task: CopyTask | null;
  /** Copy workers that may run at once. */
  readonly copyTasks: number;
}

/**
 * Full Extract and Sync New Tables: copy workers take chunks from the catalog until none is left; beside them, what they have
 * copied is loaded.
 */
export function copyTables(scope: Construct, frame: OperationFrame, { task, copyTasks }: Copying): Chain {
  const plan = frame.call('Plan', {
    function: 'plan-copy',
    payload: {
      operation: OPERATION,
      kind: JsonPath.stringAt('$.kind'),
      request: REQUEST,
      attempt: JsonPath.numberAt('$.attempt'),
      copyTasks,
    },
    resultPath: '$.plan',
  });
  // Begun even where no worker is of use: what an earlier run copied may wait to be loaded.
  const copying = new Parallel(scope, 'CopyAndLoad', {
    resultSelector: { 'state.$': '$[0].state', 'round.$': '$[0].round' },
    resultPath: '$.copied',
  });
  copying.branch(loadWhileCopying(scope, frame));
  if (task !== null) copying.branch(copyWorkers(scope, frame, task));
  const copied = new Choice(scope, 'Copied')
    .when(Condition.stringEquals('$.copied.state', 'done'), frame.end())
    .when(Condition.numberLessThan('$.attempt', MOST_ATTEMPTS), nextAttempt(scope).next(plan))
    .otherwise(gaveUp(scope).next(frame.failure));
  const planned = new Choice(scope, 'Planned')
    .when(Condition.booleanEquals('$.plan.more', true), plan)
    .otherwise(frame.guarded(copying).next(copied));
  return frame.begin.next(plan).next(planned);
}

/** Each attempt plans anew; rounds are counted over all of them, since they are all in one execution. */
function nextAttempt(scope: Construct): Pass {
  return new Pass(scope, 'NextAttempt', {
    parameters: {
      operation: JsonPath.stringAt('$.operation'),
      kind: JsonPath.stringAt('$.kind'),
      attempt: JsonPath.mathAdd(JsonPath.numberAt('$.attempt'), 1),
      round: JsonPath.objectAt('$.copied.round'),
    },
  });
}

function gaveUp(scope: Construct): Pass {
  return new Pass(scope, 'GaveUp', {
    parameters: {
      Error: 'PenstockManual',
      Cause: `All copy workers ended ${MOST_ATTEMPTS} times before everything was copied. Their log says why; then start it again: it goes on.`,
    },
    resultPath: '$.error',
  });
}
