import { ArnFormat, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from '../checks/acknowledge.ts';
import { operationMachines } from '../operation-names.ts';
import type { DataParts } from './parts.ts';

export interface ConsoleStackProps extends StackProps {
  readonly pipelines: readonly string[];
  readonly data: Pick<DataParts, 'table' | 'key'>;
}

/**
 * The rights of somebody who operates pipelines: start and stop operations, read the catalog and the logs, and nothing else.
 * People get them from here today; the console's pages and their API will stand beside it and use the same ones.
 */
export class ConsoleStack extends Stack {
  constructor(scope: Construct, id: string, { pipelines, data, ...props }: ConsoleStackProps) {
    super(scope, id, props);
    const machines = pipelines.flatMap(operationMachines);
    const policy = new ManagedPolicy(this, 'Operator', {
      description: 'Operate Penstock: start and stop operations, read the catalog and the logs',
      statements: [
        ...this.#operations(machines),
        new PolicyStatement({
          sid: 'ReadTheCatalog',
          actions: ['dynamodb:GetItem', 'dynamodb:Query'],
          resources: [data.table.tableArn],
        }),
        new PolicyStatement({
          sid: 'DecryptTheCatalog',
          actions: ['kms:Decrypt'],
          resources: [data.key.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${this.region}.amazonaws.com` } },
        }),
        this.#logs(pipelines),
      ],
    });
    acknowledge(
      policy,
      'AwsSolutions-IAM5',
      'Executions and log streams get their names when they begin: * stands only behind the exact machine or log group.',
    );
    new CfnOutput(this, 'OperatorPolicyArn', {
      value: policy.managedPolicyArn,
      description: 'Attach it to the roles of those who operate pipelines',
    });
  }

  #operations(machines: readonly string[]): PolicyStatement[] {
    const arn = (resource: string, resourceName: string): string =>
      this.formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    return [
      new PolicyStatement({
        sid: 'StartOperations',
        actions: ['states:StartExecution', 'states:ListExecutions', 'states:DescribeStateMachine'],
        resources: machines.map((machine) => arn('stateMachine', machine)),
      }),
      new PolicyStatement({
        sid: 'WatchAndStopOperations',
        actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
        resources: machines.map((machine) => arn('execution', `${machine}:*`)),
      }),
    ];
  }

  #logs(pipelines: readonly string[]): PolicyStatement {
    return new PolicyStatement({
      sid: 'ReadTheLogs',
      actions: ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:DescribeLogStreams', 'logs:StartQuery'],
      resources: pipelines.map((pipeline) =>
        this.formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: `/penstock/${pipeline}:*`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    });
  }
}
