import { type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { alertOf } from '../../core/events/alert.ts';
import { metricsOf, type EventMetricName } from '../../core/events/event-metrics.ts';
import { pipelineOf, type PenstockEvent } from '../../core/events/event.ts';
import type { Clock, Log } from '../../core/host/host.ts';
import type { AwsSettings } from '../../core/pipeline/aws-settings.ts';
import { AlertQueue } from '../node/alert-queue.ts';
import { DelayedWork } from '../node/delayed-work.ts';
import type { AccountClients } from './account-clients.ts';
import { publish } from './aws-events.ts';

/** What PutLogEvents takes at once is 10,000 lines and 1 MB. */
const MOST_LINES = 1000;
const MOST_WAITING = 10_000;
const LINES_MILLISECONDS = 5000;
const METRICS_MILLISECONDS = 60_000;

interface Values {
  readonly name: EventMetricName;
  readonly pipeline: string;
  count: number;
  sum: number;
  least: number;
  most: number;
}

/**
 * What one machine tells an AWS account of its events: all of them as lines of a log stream, their numbers as metrics of the same names
 * as in a deployment, and what somebody must know to a topic. Never throws, and holds nothing up; what could not be told is a line of
 * the log, and the lines of events are tried again.
 */
export class AccountReports implements AsyncDisposable {
  readonly #settings: AwsSettings;
  readonly #clients: AccountClients;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #alerts: AlertQueue;
  readonly #sendLines: DelayedWork;
  readonly #sendMetrics: DelayedWork;
  readonly #lines: { readonly timestamp: number; readonly message: string }[] = [];
  #metrics = new Map<string, Values>();
  #sending: Promise<void> = Promise.resolve();

  /** Owns the clients. */
  constructor(settings: AwsSettings, clients: AccountClients, { clock, log }: { clock: Clock; log: Log }) {
    this.#settings = settings;
    this.#clients = clients;
    this.#clock = clock;
    this.#log = log;
    this.#alerts = new AlertQueue({
      ...{ clock, log },
      send: async (alert) => {
        if (settings.topic !== null) await publish(clients.sns, settings.topic, alert);
      },
    });
    this.#sendLines = new DelayedWork(clock, LINES_MILLISECONDS, () => this.#inTurn(() => this.#putLines()));
    this.#sendMetrics = new DelayedWork(clock, METRICS_MILLISECONDS, () => this.#inTurn(() => this.#putMetrics()));
  }

  take(event: PenstockEvent): void {
    const { topic, logs, metrics } = this.#settings;
    if (topic !== null) {
      const alert = alertOf(event);
      if (alert !== null) this.#alerts.add(alert);
    }
    if (logs !== null) {
      // The oldest are in the file of the events.
      if (this.#lines.length >= MOST_WAITING) this.#lines.shift();
      this.#lines.push({ timestamp: this.#clock.now(), message: JSON.stringify(event) });
      this.#sendLines.ask();
    }
    if (metrics !== null) this.#measure(event);
  }

  /** Tells what is left, for some seconds at most. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#alerts.settled(), this.#sendLines.settled(), this.#sendMetrics.settled()]);
    this.#clients[Symbol.dispose]();
  }

  #measure(event: PenstockEvent): void {
    for (const { name, value } of metricsOf(event)) {
      const pipeline = pipelineOf(event);
      const key = `${name} ${pipeline}`;
      const found = this.#metrics.get(key) ?? { name, pipeline, count: 0, sum: 0, least: value, most: value };
      found.count++;
      found.sum += value;
      found.least = Math.min(found.least, value);
      found.most = Math.max(found.most, value);
      this.#metrics.set(key, found);
      this.#sendMetrics.ask();
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#sending = this.#sending.then(work);
    return this.#sending;
  }

  async #putLines(): Promise<void> {
    const { logs } = this.#settings;
    while (logs !== null && this.#lines.length > 0) {
      const logEvents = this.#lines.slice(0, MOST_LINES);
      const put = new PutLogEventsCommand({ logGroupName: logs.group, logStreamName: logs.stream, logEvents });
      try {
        await this.#clients.logs.send(put);
      } catch (error) {
        this.#log.warn('events not sent to CloudWatch', { reason: reasonOf(error), waiting: this.#lines.length });
        return;
      }
      const sent = new Set(logEvents);
      this.#lines.splice(0, this.#lines.length, ...this.#lines.filter((line) => !sent.has(line)));
    }
  }

  async #putMetrics(): Promise<void> {
    const { metrics: namespace } = this.#settings;
    const values = [...this.#metrics.values()];
    this.#metrics = new Map();
    if (namespace === null || values.length === 0) return;
    try {
      await this.#clients.metrics.send(
        new PutMetricDataCommand({ Namespace: namespace, MetricData: values.map((one) => this.#datum(one)) }),
      );
    } catch (error) {
      this.#log.warn('metrics not sent to CloudWatch', { reason: reasonOf(error) });
    }
  }

  #datum({ name, pipeline, count, sum, least, most }: Values): MetricDatum {
    return {
      MetricName: name,
      Dimensions: [{ Name: 'Pipeline', Value: pipeline }],
      Timestamp: new Date(this.#clock.now()),
      StatisticValues: { SampleCount: count, Sum: sum, Minimum: least, Maximum: most },
    };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
