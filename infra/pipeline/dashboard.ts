import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  PeriodOverride,
  Stats,
  AlarmStatusWidget,
  type Alarm,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { BaseService } from 'aws-cdk-lib/aws-ecs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { runningTasks } from './alarms.ts';
import type { EventMetricName } from '../../core/events/event-metrics.ts';
import { eventMetric } from './event-metrics.ts';
import { FUNCTION_NAMES } from './function-table.ts';
import type { PipelineFunctions } from './functions.ts';
import type { PipelineNames } from './names.ts';

export interface DashboardProps {
  readonly names: PipelineNames;
  readonly functions: PipelineFunctions;
  readonly machines: readonly StateMachine[];
  readonly alarms: readonly Alarm[];
  readonly reader: BaseService | null;
}

const HALF = 12;
const WHOLE = 24;

/** One page of a pipeline: is it well, how far behind, how much, what fails. */
export function pipelineDashboard(scope: Construct, props: DashboardProps): Dashboard {
  const { pipeline, dashboard } = props.names;
  const events = (title: string, ...names: EventMetricName[]): IWidget =>
    graph(
      title,
      names.map((name) => eventMetric(pipeline, name)),
    );
  const { load } = props.functions;
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: dashboard,
    periodOverride: PeriodOverride.AUTO,
    defaultInterval: Duration.hours(3),
    widgets: [
      [new AlarmStatusWidget({ title: `Pipeline ${pipeline}`, alarms: [...props.alarms], width: WHOLE, height: 4 })],
      [
        events('Lag (ms): of loads, and of what waits', 'LagMilliseconds', 'BacklogMilliseconds'),
        events('Extracts and loads', 'Extracts', 'Loads'),
      ],
      [
        events('Rows extracted, loaded, copied', 'ExtractedRows', 'LoadedRows', 'CopiedRows'),
        events('Bytes extracted', 'ExtractedBytes'),
      ],
      [
        events('Rows inserted, updated, deleted at the destination', 'Inserts', 'Updates', 'Deletes'),
        events('Stops, halts, retries, rows in quarantine', 'StoppedTables', 'Halts', 'Retries', 'QuarantinedRows'),
      ],
      [
        graph('Loader: errors, throttles', [load.metricErrors(), load.metricThrottles()]),
        graph('Functions: duration (ms, maximum)', durations(props.functions)),
      ],
      [graph('Operations: started and failed', operations(props.machines))],
      ...(props.reader === null ? [] : [readerRow(props.reader)]),
    ],
  });
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: HALF, height: 6 });
}

function durations(functions: PipelineFunctions): IMetric[] {
  return FUNCTION_NAMES.map((name) => functions[name].metricDuration({ statistic: Stats.MAXIMUM, label: name }));
}

function operations(machines: readonly StateMachine[]): IMetric[] {
  return machines.flatMap((machine) => [
    machine.metricStarted({ label: `${machine.node.scope?.node.id ?? ''} started` }),
    machine.metricFailed({ label: `${machine.node.scope?.node.id ?? ''} failed` }),
  ]);
}

function readerRow(reader: BaseService): IWidget[] {
  return [
    graph('Reader: CPU and memory (%)', [reader.metricCpuUtilization(), reader.metricMemoryUtilization()]),
    graph('Reader: running tasks', [runningTasks(reader)]),
  ];
}
