import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../checks/acknowledge.ts';
import type { DataParts } from '../stacks/parts.ts';

export interface OperatorPolicyProps {
  /** ARNs. */
  readonly machines: readonly string[];
  readonly executions: readonly string[];
  readonly logGroups: readonly string[];
  readonly data: Pick<DataParts, 'table' | 'key'>;
}

/** The rights of somebody who operates pipelines by AWS's own means: start and stop operations, read the catalog and the logs. */
export function operatorPolicy(
  scope: Construct,
  { machines, executions, logGroups, data }: OperatorPolicyProps,
): ManagedPolicy {
  const policy = new ManagedPolicy(scope, 'Operator', {
    description: 'Operate Penstock: start and stop operations, read the catalog and the logs',
    statements: [
      new PolicyStatement({
        sid: 'StartOperations',
        actions: ['states:StartExecution', 'states:ListExecutions', 'states:DescribeStateMachine'],
        resources: [...machines],
      }),
      new PolicyStatement({
        sid: 'WatchAndStopOperations',
        actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
        resources: [...executions],
      }),
      ...catalogStatements(data, Stack.of(scope).region),
      new PolicyStatement({
        sid: 'ReadTheLogs',
        actions: ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:DescribeLogStreams', 'logs:StartQuery'],
        resources: [...logGroups],
      }),
    ],
  });
  acknowledgeWildcards(
    policy,
    { resources: [...executions, ...logGroups] },
    'Executions and log streams get their names when they begin; the machine or the log group before the * is exact.',
  );
  return policy;
}

function catalogStatements({ table, key }: OperatorPolicyProps['data'], region: string): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'ReadTheCatalog',
      actions: ['dynamodb:GetItem', 'dynamodb:Query'],
      resources: [table.tableArn],
    }),
    new PolicyStatement({
      sid: 'DecryptTheCatalog',
      actions: ['kms:Decrypt'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` } },
    }),
  ];
}
