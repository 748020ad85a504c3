import { expect, it } from 'vitest';
import { functionEntry } from '../../infra/pipeline/function-table.ts';
import { partName, pipelineNames } from '../../infra/pipeline/names.ts';
import { operationMachine, operationMachines } from '../../infra/operation-names.ts';
import { consolePartition as permitted } from '../../infra/console/console-permissions.ts';
import { consolePartition } from './console-items.ts';
import { accountOf, executionArn, functionName, logGroupName, machineArn, machinesOf } from './deployed-names.ts';

const account = accountOf('arn:aws-cn:lambda:cn-north-1:123456789012:function:penstock-console:live');

it('the names are those that the deployment gives', () => {
  expect(functionEntry('verify').entry).toBe('functions/verify.ts');
  expect(functionName('billing', 'verify')).toBe(partName('billing', 'verify'));
  expect(logGroupName('billing')).toBe(pipelineNames('billing').logGroup);
  expect(consolePartition('billing')).toBe(permitted('billing'));
  for (const reader of ['fargate', 'external'] as const) {
    const machines = machinesOf(reader).map((kind) => operationMachine('billing', kind));
    expect(machines).toEqual(operationMachines('billing', reader));
  }
});

it('ARNs are of the partition, the region and the account in which the function runs', () => {
  expect(machineArn(account, 'billing', 'rollback')).toBe(
    'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:penstock-billing-rollback',
  );
  expect(executionArn(account, 'billing', 'rollback', 'x')).toBe(
    'arn:aws-cn:states:cn-north-1:123456789012:execution:penstock-billing-rollback:x',
  );
  expect(() => accountOf('penstock-console')).toThrow(/is not the ARN/);
});
