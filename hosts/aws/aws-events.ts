import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { EventSink, PenstockEvent } from '../../core/events/event.ts';
import type { Clock, Log } from '../../core/host/host.ts';
import { alertOf, type Alert } from './alert.ts';

export interface AwsEventsSettings {
  readonly client: SNSClient;
  /** ARN of the topic of the alerts. */
  readonly topic: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes a line with its end; default: stdout, which the log group collects. */
  readonly write?: (line: string) => void;
}

/** Alerts that wait to be published. More than these at once say nothing more to anybody. */
const MOST_WAITING = 50;
/** The same alert is not sent again within this time, in milliseconds: what goes on is told once an hour. */
const QUIET_MILLISECONDS = 3_600_000;
/** How many alerts are remembered for that. */
const MOST_REMEMBERED = 500;
/** How long {@link AwsEvents.settled} waits for a topic that does not answer, in milliseconds. */
const PATIENCE_MILLISECONDS = 5000;

/**
 * Events as JSON lines of the log group, where metric filters find them; those that somebody must know of also go to a topic,
 * one after the other. Never throws: what is reported about goes on.
 */
export class AwsEvents implements EventSink {
  readonly #settings: AwsEventsSettings;
  readonly #waiting: Alert[] = [];
  /** When an alert was sent last. */
  readonly #sent = new Map<string, number>();
  #publishing: Promise<void> | null = null;

  constructor(settings: AwsEventsSettings) {
    this.#settings = settings;
  }

  emit(event: PenstockEvent): void {
    const { write = writeToStdout } = this.#settings;
    quietly(() => write(`${JSON.stringify(event)}\n`));
    quietly(() => this.#alert(event));
  }

  #alert(event: PenstockEvent): void {
    const alert = alertOf(event);
    if (alert === null) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#settings.log.warn('alert left out: too many wait', { subject: alert.subject });
      return;
    }
    if (this.#isKnown(alert)) return;
    this.#waiting.push(alert);
    this.#publishing ??= this.#publishAll().finally(() => {
      this.#publishing = null;
    });
  }

  /** Resolves when every alert is published or could not be. To be awaited before a process ends or a function stands still. */
  async settled(): Promise<void> {
    const publishing = this.#publishing;
    if (publishing === null) return;
    const ended = new AbortController();
    const patience = this.#settings.clock.sleep(PATIENCE_MILLISECONDS, ended.signal).catch(() => undefined);
    await Promise.race([publishing, patience]);
    ended.abort();
  }

  #isKnown({ sameAs }: Alert): boolean {
    const now = this.#settings.clock.now();
    const before = this.#sent.get(sameAs);
    if (before !== undefined && now - before < QUIET_MILLISECONDS) return true;
    this.#sent.delete(sameAs);
    this.#sent.set(sameAs, now);
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > MOST_REMEMBERED && oldest !== undefined) this.#sent.delete(oldest);
    return false;
  }

  async #publishAll(): Promise<void> {
    for (let alert = this.#waiting.shift(); alert !== undefined; alert = this.#waiting.shift()) {
      await this.#publish(alert);
    }
  }

  async #publish(alert: Alert): Promise<void> {
    const { client, topic, log } = this.#settings;
    const { pipeline, type } = alert.attributes;
    try {
      await client.send(
        new PublishCommand({
          TopicArn: topic,
          Subject: alert.subject,
          // Whoever reads mail gets the text, programs get the event.
          Message: JSON.stringify({ default: alert.event, email: alert.body, sms: alert.subject }),
          MessageStructure: 'json',
          MessageAttributes: {
            pipeline: { DataType: 'String', StringValue: pipeline },
            type: { DataType: 'String', StringValue: type },
          },
        }),
      );
    } catch (error) {
      this.#sent.delete(alert.sameAs);
      log.warn('alert not published', {
        subject: alert.subject,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }
}

/** Nobody is left to tell that telling failed. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // What is reported about goes on.
  }
}

function writeToStdout(line: string): void {
  process.stdout.write(line);
}
