import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { consoleAddress, consoleRoutes } from '../console/console-api.ts';
import { consoleFunction } from '../console/console-function.ts';
import { consoleIdentity, type ConsoleIdentity } from '../console/console-identity.ts';
import { ASKED_FUNCTIONS } from '../console/console-permissions.ts';
import { operatorPolicy } from '../console/operator-policy.ts';
import type { ConsoleSettings } from '../deployment/console-settings.ts';
import type { LoadedPipeline } from '../deployment/load-deployment.ts';
import { jsonAsset, type JsonAsset } from '../json-asset.ts';
import { operationMachines } from '../operation-names.ts';
import { partName, pipelineNames } from '../pipeline/names.ts';
import type { DataParts } from './parts.ts';

export interface ConsoleStackProps extends StackProps {
  /** What names begin with: `<Application>-<Environment>`. */
  readonly prefix: string;
  /** Null: only the operators' policy. */
  readonly console: ConsoleSettings | null;
  readonly pipelines: readonly LoadedPipeline[];
  readonly data: DataParts;
}

/** By name, as everything of a pipeline has one: the stacks of the pipelines may come and go. */
interface PipelineArns {
  readonly machines: readonly string[];
  readonly executions: readonly string[];
  readonly functions: readonly string[];
  readonly logGroups: readonly string[];
}

/**
 * For those who operate pipelines, all of a deployment: the web console (one function behind an HTTP API with a sign-in), and a
 * policy for those who rather call AWS themselves. It changes nothing of the other stacks.
 */
export class ConsoleStack extends Stack {
  constructor(scope: Construct, id: string, { prefix, console, pipelines, data, ...props }: ConsoleStackProps) {
    super(scope, id, props);
    const arns = this.#pipelineArns(pipelines);
    const policy = operatorPolicy(this, { ...arns, data });
    new CfnOutput(this, 'OperatorPolicyArn', {
      value: policy.managedPolicyArn,
      description: 'Attach it to the roles of those who operate pipelines without the console',
    });
    if (console !== null) this.#console(prefix, console, pipelines, data, arns);
  }

  #console(
    prefix: string,
    console: ConsoleSettings,
    pipelines: readonly LoadedPipeline[],
    data: DataParts,
    arns: PipelineArns,
  ): void {
    const key = Key.fromKeyArn(this, 'Key', data.key.keyArn);
    const address = consoleAddress(this, prefix, console.customDomain);
    const identity = consoleIdentity(this, console.signIn, { url: address.url, prefix });
    const settings = pipelines.map(({ settings: { pipeline }, document }) =>
      jsonAsset(this, `Settings-${pipeline}`, document),
    );
    const document = this.#document(console, identity, pipelines, settings);
    const logGroup = this.#logGroup('Log', `/penstock/console/${prefix}`, data, key);
    const target = consoleFunction(this, {
      data,
      document: document.location,
      identity,
      arns: {
        ...arns,
        region: this.region,
        pipelines: pipelines.map(({ settings: { pipeline } }) => pipeline),
        objects: [document, ...settings].map(({ arn }) => arn),
        bucket: data.bucket.bucketArn,
        table: data.table.tableArn,
        key: data.key.keyArn,
        ownLogGroup: this.#arn('logs', 'log-group', `/penstock/console/${prefix}`),
      },
      logGroup,
    });
    // With this prefix the log service needs no policy for each group.
    const accessLog = this.#logGroup('AccessLog', `/aws/vendedlogs/penstock/console/${prefix}`, data, key);
    const stage = consoleRoutes(this, { address, identity, target, accessLog });
    this.#alarm(prefix, stage, data);
    new CfnOutput(this, 'ConsoleUrl', { value: address.url, description: 'The web console' });
    if (identity.userPool !== null) {
      new CfnOutput(this, 'UserPoolId', { value: identity.userPool, description: 'Where its users are made' });
    }
  }

  /** What web/aws/console-environment.ts reads; all of it is known while synthesising. */
  #document(
    { allowList }: ConsoleSettings,
    { roles }: ConsoleIdentity,
    pipelines: readonly LoadedPipeline[],
    settings: readonly JsonAsset[],
  ): JsonAsset {
    return jsonAsset(this, 'Document', {
      pipelines: pipelines.map((pipeline, index) => ({
        name: pipeline.settings.pipeline,
        settings: settings[index]?.key,
        reader: pipeline.deployment.reader,
      })),
      roles,
      allowList,
    });
  }

  #pipelineArns(pipelines: readonly LoadedPipeline[]): PipelineArns {
    const names = pipelines.map(({ settings }) => settings.pipeline);
    const machines = pipelines.flatMap(({ settings, deployment }) =>
      operationMachines(settings.pipeline, deployment.reader),
    );
    return {
      machines: machines.map((machine) => this.#arn('states', 'stateMachine', machine)),
      executions: machines.map((machine) => this.#arn('states', 'execution', `${machine}:*`)),
      functions: names.flatMap((name) =>
        ASKED_FUNCTIONS.map((asked) => this.#arn('lambda', 'function', partName(name, asked))),
      ),
      logGroups: names.map((name) => this.#arn('logs', 'log-group', `${pipelineNames(name).logGroup}:*`)),
    };
  }

  #logGroup(id: string, logGroupName: string, { logRetention }: DataParts, encryptionKey: IKey): ILogGroup {
    const removalPolicy = RemovalPolicy.DESTROY;
    return new LogGroup(this, id, { logGroupName, retention: logRetention, encryptionKey, removalPolicy });
  }

  #alarm(prefix: string, stage: HttpStage, { topic }: DataParts): void {
    const alarm = new Alarm(this, 'ErrorsAlarm', {
      alarmName: `${prefix}-console-errors`,
      alarmDescription: `Penstock ${prefix}: the web console fails; pipelines go on without it. The log group /penstock/console/${prefix} says why.`,
      metric: stage.metricServerError({ period: Duration.minutes(5), statistic: Stats.SUM }),
      threshold: 5,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }

  #arn(service: string, resource: string, resourceName: string): string {
    return this.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }
}
