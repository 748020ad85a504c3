import { Choice, Condition, type Chain } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { OPERATION, REQUEST, type OperationFrame } from './operation-frame.ts';

/**
 * Verify: one step, for as many calls as the tables take. That tables differ is its result, and no failure of it: the output has the
 * counts, and an event tells which.
 */
export function compare(scope: Construct, frame: OperationFrame): Chain {
  const payload = { operation: OPERATION, request: REQUEST };
  const verify = frame.call('Compare', { function: 'verify', payload, resultPath: '$.verified' });
  const compared = new Choice(scope, 'Compared')
    .when(Condition.booleanEquals('$.verified.more', true), verify)
    .otherwise(frame.end());
  return frame.begin.next(verify).next(compared);
}
