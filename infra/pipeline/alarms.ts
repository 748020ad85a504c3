import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { BaseService } from 'aws-cdk-lib/aws-ecs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { PipelineDeployment } from '../deployment/deployment.ts';
import { eventMetric } from './event-metrics.ts';
import type { PipelineFunctions } from './functions.ts';
import { partName, type PipelineNames } from './names.ts';

export interface AlarmsProps {
  readonly names: PipelineNames;
  readonly functions: PipelineFunctions;
  readonly machines: readonly StateMachine[];
  readonly deadLetters: IQueue;
  readonly topic: ITopic;
  readonly thresholds: PipelineDeployment['thresholds'];
  /** Null with an external reader, whose silence the health function notices, and where the schedule has runs. */
  readonly reader: BaseService | null;
}

interface AlarmEntry {
  readonly id: string;
  readonly name: string;
  /** What is wrong and what to do: whoever gets the mail reads nothing else. */
  readonly description: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly below?: true;
  readonly periods?: number;
  readonly missing?: TreatMissingData;
}

const FIVE_MINUTES = Duration.minutes(5);

/** What somebody must know of although no code of ours may be running: told by the topic, and again when it has passed. */
export function pipelineAlarms(scope: Construct, props: AlarmsProps): Alarm[] {
  const action = new SnsAction(props.topic);
  const entries = [...readerAlarms(props), ...loaderAlarms(props), ...operationAlarms(props), ...eventAlarms(props)];
  return entries.map(({ id, name, description, metric, threshold, below, periods, missing }) => {
    const alarm = new Alarm(scope, id, {
      alarmName: partName(props.names.pipeline, name),
      alarmDescription: `Penstock pipeline ${props.names.pipeline}: ${description}`,
      metric,
      threshold,
      comparisonOperator:
        below === true ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods ?? 1,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return alarm;
  });
}

function readerAlarms({ names, reader }: AlarmsProps): AlarmEntry[] {
  if (reader === null) return [];
  return [
    {
      id: 'NoReaderAlarm',
      name: 'no-reader',
      description: `no reader task runs, so the log is not read and grows at the source. See the events of the ECS service, then the log group ${names.logGroup}.`,
      metric: runningTasks(reader),
      threshold: 1,
      below: true,
      periods: 3,
      missing: TreatMissingData.BREACHING,
    },
  ];
}

/** Counted by Container Insights. */
export function runningTasks(reader: BaseService): Metric {
  return new Metric({
    namespace: 'ECS/ContainerInsights',
    metricName: 'RunningTaskCount',
    dimensionsMap: { ClusterName: reader.cluster.clusterName, ServiceName: reader.serviceName },
    statistic: Stats.MINIMUM,
    period: Duration.minutes(1),
  });
}

function loaderAlarms({ names, functions, deadLetters }: AlarmsProps): AlarmEntry[] {
  const { load, health } = functions;
  return [
    {
      id: 'LoadErrorsAlarm',
      name: 'load-errors',
      description: `the loader keeps failing. The log group ${names.logGroup} has the error and its remedy; nothing is lost, it goes on from where it was.`,
      metric: load.metricErrors({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      threshold: 3,
      periods: 2,
    },
    {
      id: 'LoadThrottlesAlarm',
      name: 'load-throttles',
      description: "calls of the loader are refused. Look at the account's limit of concurrent Lambda executions.",
      metric: load.metricThrottles({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      threshold: 10,
      periods: 3,
    },
    {
      // A load that runs on for its whole quarter of an hour keeps the stream waiting, and rightly.
      id: 'StreamBehindAlarm',
      name: 'stream-behind',
      description:
        "the catalog's wake-ups reach the loader more than 30 minutes late. See the errors of the function load.",
      metric: load.metric('IteratorAge', { period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      threshold: Duration.minutes(30).toMilliseconds(),
      periods: 3,
    },
    {
      id: 'DeadLettersAlarm',
      name: 'dead-letters',
      description:
        'calls of functions were given up. The queue says which; they carry nothing that is lost, so empty it once the cause is mended.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      threshold: 1,
    },
    {
      id: 'HealthErrorsAlarm',
      name: 'health-errors',
      description: 'the function that watches over it fails itself, so other alarms may be missing.',
      metric: health.metricErrors({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      threshold: 3,
      periods: 2,
    },
  ];
}

/** Two alarms for all operations, since an alarm looks at ten metrics at most: those that failed say more in their own message. */
function operationAlarms({ machines }: AlarmsProps): AlarmEntry[] {
  return [
    {
      id: 'OperationFailedAlarm',
      name: 'operation-failed',
      description: 'an operation failed. Its execution in Step Functions says where; started again it goes on.',
      metric: sumOverMachines(machines, 'failed operations', (machine) => machine.metricFailed()),
      threshold: 1,
    },
    {
      id: 'OperationTimedOutAlarm',
      name: 'operation-timed-out',
      description: 'an operation took longer than its state machine allows, and was ended; started again it goes on.',
      metric: sumOverMachines(machines, 'operations that timed out', (machine) => machine.metricTimedOut()),
      threshold: 1,
    },
  ];
}

function sumOverMachines(
  machines: readonly StateMachine[],
  label: string,
  metricOf: (machine: StateMachine) => IMetric,
): MathExpression {
  const usingMetrics = Object.fromEntries(machines.map((machine, index) => [`machine${index}`, metricOf(machine)]));
  const expression = Object.keys(usingMetrics).join(' + ');
  return new MathExpression({ expression, usingMetrics, period: FIVE_MINUTES, label });
}

function eventAlarms({ names, thresholds }: AlarmsProps): AlarmEntry[] {
  const { pipeline } = names;
  const { lagSeconds } = thresholds;
  return [
    {
      id: 'HaltAlarm',
      name: 'halted',
      description:
        'it stopped and somebody has to mend something. The HaltError event in the log group says what and how.',
      metric: eventMetric(pipeline, 'Halts', FIVE_MINUTES),
      threshold: 1,
    },
    {
      id: 'StoppedTableAlarm',
      name: 'table-stopped',
      description:
        'a table was stopped; the others go on. The TableStopped event in the log group says which and how to mend it.',
      metric: eventMetric(pipeline, 'StoppedTables', FIVE_MINUTES),
      threshold: 1,
    },
    {
      id: 'LagAlarm',
      name: 'lag',
      description: `changes wait for more than ${lagSeconds} s to be loaded. Look at errors of the loader first, then at the load of the destination.`,
      metric: eventMetric(pipeline, 'BacklogMilliseconds'),
      threshold: lagSeconds * 1000,
      periods: 5,
    },
  ];
}
