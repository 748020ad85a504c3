import { ArnFormat, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../checks/acknowledge.ts';
import type { PipelineDeployment } from '../deployment/deployment.ts';
import { operationMachines } from '../operation-names.ts';
import type { DataParts } from './parts.ts';

export interface OperatedPipeline {
  readonly name: string;
  readonly reader: PipelineDeployment['reader'];
}

export interface ConsoleStackProps extends StackProps {
  readonly pipelines: readonly OperatedPipeline[];
  readonly data: Pick<DataParts, 'table' | 'key'>;
}

/**
 * The rights of somebody who operates pipelines: start and stop operations, read the catalog and the logs, and nothing else.
 * People get them from here today; the console's pages and their API will stand beside it and use the same ones.
 */
export class ConsoleStack extends Stack {
  constructor(scope: Construct, id: string, { pipelines, data, ...props }: ConsoleStackProps) {
    super(scope, id, props);
    const machines = pipelines.flatMap(({ name, reader }) => operationMachines(name, reader));
    const executions = machines.map((machine) => this.#arn('states', 'execution', `${machine}:*`));
    const logs = pipelines.map(({ name }) => this.#arn('logs', 'log-group', `/penstock/${name}:*`));
    const policy = new ManagedPolicy(this, 'Operator', {
      description: 'Operate Penstock: start and stop operations, read the catalog and the logs',
      statements: [
        new PolicyStatement({
          sid: 'StartOperations',
          actions: ['states:StartExecution', 'states:ListExecutions', 'states:DescribeStateMachine'],
          resources: machines.map((machine) => this.#arn('states', 'stateMachine', machine)),
        }),
        new PolicyStatement({
          sid: 'WatchAndStopOperations',
          actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
          resources: executions,
        }),
        ...catalogStatements(data, this.region),
        new PolicyStatement({
          sid: 'ReadTheLogs',
          actions: ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:DescribeLogStreams', 'logs:StartQuery'],
          resources: logs,
        }),
      ],
    });
    acknowledgeWildcards(
      policy,
      { resources: [...executions, ...logs] },
      'Executions and log streams get their names when they begin; the machine or the log group before the * is exact.',
    );
    new CfnOutput(this, 'OperatorPolicyArn', {
      value: policy.managedPolicyArn,
      description: 'Attach it to the roles of those who operate pipelines',
    });
  }

  #arn(service: string, resource: string, resourceName: string): string {
    return this.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }
}

function catalogStatements({ table, key }: ConsoleStackProps['data'], region: string): PolicyStatement[] {
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
