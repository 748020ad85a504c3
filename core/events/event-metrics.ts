import { pipelineOf, type PenstockEvent } from './event.ts';

interface EventMetric {
  readonly event: PenstockEvent['type'];
  /** A field of the event, or `1` to count events. */
  readonly value: string;
  readonly statistic: 'Sum' | 'Maximum';
  /** A metric is billed in the hours in which it gets values: all of them, those in which something changes, or hardly any. */
  readonly when: 'always' | 'busy' | 'seldom';
}

function counted<Event extends PenstockEvent['type']>(event: Event, when: EventMetric['when']) {
  return { event, value: '1', statistic: 'Sum', when } as const;
}

function summed<Event extends PenstockEvent['type']>(event: Event, field: string, when: EventMetric['when'] = 'busy') {
  return { event, value: `$.${field}`, statistic: 'Sum', when } as const;
}

/** What the events become in CloudWatch: by filters of a deployment's log group, or told by one machine. A metric without events costs nothing. */
export const EVENT_METRICS = {
  Extracts: counted('ExtractCompleted', 'busy'),
  ExtractedRows: summed('Status', 'extractedRows'),
  ExtractedBytes: summed('Status', 'extractedBytes'),
  Loads: counted('LoadCompleted', 'busy'),
  LoadedRows: summed('Status', 'loadedRows'),
  LagMilliseconds: { event: 'Status', value: '$.worstLagMilliseconds', statistic: 'Maximum', when: 'busy' },
  Inserts: summed('TableLoaded', 'destInserts'),
  Updates: summed('TableLoaded', 'destUpdates'),
  Deletes: summed('TableLoaded', 'destDeletes'),
  TableErrors: summed('LoadCompleted', 'tableErrors', 'seldom'),
  /** Age of the oldest change that waits to be loaded; told by the reader, so that it is there when nothing is loaded at all. */
  BacklogMilliseconds: { event: 'Status', value: '$.lagMilliseconds', statistic: 'Maximum', when: 'always' },
  CopiedRows: summed('TableExtracted', 'sourceInserts', 'seldom'),
  QuarantinedRows: summed('RowsQuarantined', 'rows', 'seldom'),
  StoppedTables: counted('TableStopped', 'seldom'),
  Retries: counted('RetryError', 'seldom'),
  Halts: counted('HaltError', 'seldom'),
} as const satisfies Readonly<Record<string, EventMetric>>;

export type EventMetricName = keyof typeof EVENT_METRICS;
export const EVENT_METRIC_NAMES = Object.keys(EVENT_METRICS) as EventMetricName[];

export interface MetricValue {
  readonly name: EventMetricName;
  readonly pipeline: string;
  readonly value: number;
}

/** The values that an event adds. Nothing is added by a zero but the metric's price, and by an event without the field. */
export function metricsOf(event: PenstockEvent): MetricValue[] {
  const pipeline = pipelineOf(event);
  return EVENT_METRIC_NAMES.flatMap((name) => {
    const metric: EventMetric = EVENT_METRICS[name];
    if (metric.event !== event.type) return [];
    const fields = Object.entries(event) as [string, unknown][];
    const field = metric.value === '1' ? 1 : fields.find(([key]) => `$.${key}` === metric.value)?.[1];
    if (typeof field !== 'number' || (metric.statistic === 'Sum' && field === 0)) return [];
    return [{ name, pipeline, value: field }];
  });
}
