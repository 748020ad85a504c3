import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { EVENT_METRIC_NAMES, EVENT_METRICS, type EventMetricName } from '../../core/events/event-metrics.ts';
import { FLOW_EVENTS } from '../../core/events/flow-events.ts';

export const NAMESPACE = 'Penstock';

/** Filters of the pipeline's log group, by the type of the event. */
export function eventMetricFilters(scope: Construct, logGroup: ILogGroup): void {
  for (const name of EVENT_METRIC_NAMES) {
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
