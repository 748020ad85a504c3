import { Choice, Condition, JsonPath, type Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CopyTask } from '../copy-task.ts';
import { OPERATION, REQUEST, type OperationFrame } from './operation-frame.ts';
import { readerTask } from './reader-task.ts';

/** Rollback and Sync Struct: one step that changes marks or structures, then everything that waits is loaded. */
export function applyAndLoad(scope: Construct, frame: OperationFrame, step: 'rollback' | 'sync-structure'): Chain {
  const name = step === 'rollback' ? 'BeginRollback' : 'SyncStructure';
  const payload = { operation: OPERATION, request: REQUEST };
  const apply = frame.call(name, { function: step, payload, resultPath: '$.applied' });
  if (step === 'sync-structure') return frame.begin.next(apply).next(drain(scope, frame));
  // Files that have expired are made again from the source's log, for as many calls as that takes.
  const begun = new Choice(scope, 'RollbackBegun')
    .when(Condition.booleanEquals('$.applied.more', true), apply)
    .otherwise(drain(scope, frame));
  return frame.begin.next(apply).next(begun);
}

/** Manual Delta: one task reads the log up to now and ends; then everything that waits is loaded. */
export function readAndLoad(scope: Construct, frame: OperationFrame, task: CopyTask): Chain {
  const read = readerTask(scope, 'ReadLog', task, {
    job: 'delta',
    environment: { PENSTOCK_OPERATION: OPERATION, PENSTOCK_WORKER: '0', PENSTOCK_WORKERS: '1' },
  });
  return frame.begin.next(frame.guarded(read)).next(drain(scope, frame));
}

/** Sync New Tables: one task copies them while the reader goes on; then what waits for them is loaded. */
export function copyBeside(scope: Construct, frame: OperationFrame, task: CopyTask): Chain {
  const copy = readerTask(scope, 'CopyNewTables', task, {
    job: 'new-tables',
    environment: { PENSTOCK_OPERATION: OPERATION, PENSTOCK_REQUEST: JsonPath.jsonToString(REQUEST) },
  });
  return frame.begin.next(frame.guarded(copy)).next(drain(scope, frame));
}

function drain(scope: Construct, frame: OperationFrame): Chain {
  const load = frame.call('Load', { function: 'load', payload: { drain: true }, resultPath: '$.load' });
  const loaded = new Choice(scope, 'Loaded')
    .when(Condition.booleanEquals('$.load.more', true), load)
    .otherwise(frame.end());
  return load.next(loaded);
}
