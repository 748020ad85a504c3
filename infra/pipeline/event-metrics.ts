import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { PenstockEvent } from '../../core/events/event.ts';
import { FLOW_EVENTS } from '../../core/events/flow-events.ts';

export const NAMESPACE = 'Penstock';

interface EventMetric {
  readonly event: PenstockEvent['type'];
  /** A field of the event, or `1` to count events. */
  readonly value: string;
  readonly statistic: string;
  /** A metric is billed in the hours in which it gets values: all of them, those in which something changes, or hardly any. */
  readonly when: 'always' | 'busy' | 'seldom';
}

function counted<Event extends PenstockEvent['type']>(event: Event, when: EventMetric['when']) {
  return { event, value: '1', statistic: Stats.SUM, when };
}

function summed<Event extends PenstockEvent['type']>(event: Event, field: string, when: EventMetric['when'] = 'busy') {
  return { event, value: `$.${field}`, statistic: Stats.SUM, when };
}

/** What the log group's events become. A metric without events costs nothing. */
export const EVENT_METRICS = {
  Extracts: counted('ExtractCompleted', 'busy'),
  ExtractedRows: summed('Status', 'extractedRows'),
  ExtractedBytes: summed('Status', 'extractedBytes'),
  Loads: counted('LoadCompleted', 'busy'),
  LoadedRows: summed('Status', 'loadedRows'),
  LagMilliseconds: { event: 'Status', value: '$.worstLagMilliseconds', statistic: Stats.MAXIMUM, when: 'busy' },
  Inserts: summed('TableLoaded', 'destInserts'),
  Updates: summed('TableLoaded', 'destUpdates'),
  Deletes: summed('TableLoaded', 'destDeletes'),
  TableErrors: summed('LoadCompleted', 'tableErrors', 'seldom'),
  /** Age of the oldest change that waits to be loaded; told by the reader, so that it is there when nothing is loaded at all. */
  BacklogMilliseconds: { event: 'Status', value: '$.lagMilliseconds', statistic: Stats.MAXIMUM, when: 'always' },
  CopiedRows: summed('TableExtracted', 'sourceInserts', 'seldom'),
  QuarantinedRows: summed('RowsQuarantined', 'rows', 'seldom'),
  StoppedTables: counted('TableStopped', 'seldom'),
  Retries: counted('RetryError', 'seldom'),
  Halts: counted('HaltError', 'seldom'),
} as const satisfies Readonly<Record<string, EventMetric>>;

export type EventMetricName = keyof typeof EVENT_METRICS;
const NAMES = Object.keys(EVENT_METRICS) as EventMetricName[];

/** Filters of the pipeline's log group, by the type of the event. */
export function eventMetricFilters(scope: Construct, logGroup: ILogGroup): void {
  for (const name of NAMES) {
    const { event, value, statistic } = EVENT_METRICS[name];
    const pipeline = Object.hasOwn(FLOW_EVENTS, event) ? '$.source' : '$.pipeline';
    // Nothing is added by a zero but the metric's price. An event without the field, as one of the two kinds of status, does not match.
    const least = statistic === Stats.SUM ? '>' : '>=';
    const numbered = value === '1' ? [] : [FilterPattern.numberValue(value, least, 0)];
    new MetricFilter(scope, `${name}Filter`, {
      logGroup,
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue('$.type', '=', event),
        FilterPattern.exists(pipeline),
        ...numbered,
      ),
      metricNamespace: NAMESPACE,
      metricName: name,
      metricValue: value,
      dimensions: { Pipeline: pipeline },
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
