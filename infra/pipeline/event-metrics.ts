import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { PenstockEvent } from '../../core/events/event.ts';

export const NAMESPACE = 'Penstock';

interface EventMetric {
  readonly event: PenstockEvent['type'];
  /** A field of the event, or `1` to count events. */
  readonly value: string;
  readonly statistic: string;
}

const COUNTED = { value: '1', statistic: Stats.SUM } as const;

/** What the log group's events become. A metric without events costs nothing. */
export const EVENT_METRICS = {
  Extracts: { event: 'ExtractCompleted', ...COUNTED },
  ExtractedRows: { event: 'ExtractCompleted', value: '$.rows', statistic: Stats.SUM },
  ExtractedBytes: { event: 'ExtractCompleted', value: '$.bytes', statistic: Stats.SUM },
  Loads: { event: 'LoadCompleted', ...COUNTED },
  LoadedRows: { event: 'LoadCompleted', value: '$.rows', statistic: Stats.SUM },
  LagMilliseconds: { event: 'LoadCompleted', value: '$.lagMilliseconds', statistic: Stats.MAXIMUM },
  /** Age of the oldest change that waits to be loaded; told by the reader, so that it is there when nothing is loaded at all. */
  BacklogMilliseconds: { event: 'ReaderStatus', value: '$.lagMilliseconds', statistic: Stats.MAXIMUM },
  CopiedRows: { event: 'TableExtracted', value: '$.rows', statistic: Stats.SUM },
  QuarantinedRows: { event: 'RowsQuarantined', value: '$.rows', statistic: Stats.SUM },
  StoppedTables: { event: 'TableStopped', ...COUNTED },
  Retries: { event: 'RetryError', ...COUNTED },
  Halts: { event: 'HaltError', ...COUNTED },
} as const satisfies Readonly<Record<string, EventMetric>>;

export type EventMetricName = keyof typeof EVENT_METRICS;
const NAMES = Object.keys(EVENT_METRICS) as EventMetricName[];

/** Filters of the pipeline's log group, by the type of the event. */
export function eventMetricFilters(scope: Construct, logGroup: ILogGroup): void {
  for (const name of NAMES) {
    const { event, value } = EVENT_METRICS[name];
    new MetricFilter(scope, `${name}Filter`, {
      logGroup,
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue('$.type', '=', event),
        FilterPattern.exists('$.pipeline'),
      ),
      metricNamespace: NAMESPACE,
      metricName: name,
      metricValue: value,
      dimensions: { Pipeline: '$.pipeline' },
    });
  }
}

export function eventMetric(pipeline: string, name: EventMetricName, period = Duration.minutes(1)): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: name,
    dimensionsMap: { Pipeline: pipeline },
    statistic: EVENT_METRICS[name].statistic,
    period,
  });
}
