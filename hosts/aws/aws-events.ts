import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { alertOf, type Alert } from '../../core/events/alert.ts';
import type { EventSink, PenstockEvent } from '../../core/events/event.ts';
import type { Clock, Log } from '../../core/host/host.ts';
import { AlertQueue } from '../node/alert-queue.ts';

export interface AwsEventsSettings {
  readonly client: SNSClient;
  /** ARN of the topic of the alerts. */
  readonly topic: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes a line with its end; default: stdout, which the log group collects. */
  readonly write?: (line: string) => void;
}

/**
 * Events as JSON lines of the log group, where metric filters find them; those that somebody must know of also go to a topic,
 * one after the other. Never throws: what is reported about goes on.
 */
export class AwsEvents implements EventSink {
  readonly #write: (line: string) => void;
  readonly #queue: AlertQueue;

  constructor({ client, topic, clock, log, write = writeToStdout }: AwsEventsSettings) {
    this.#write = write;
    this.#queue = new AlertQueue({ send: (alert) => publish(client, topic, alert), clock, log });
  }

  emit(event: PenstockEvent): void {
    quietly(() => this.#write(`${JSON.stringify(event)}\n`));
    quietly(() => {
      const alert = alertOf(event);
      if (alert !== null) this.#queue.add(alert);
    });
  }

  /** Resolves when every alert is published or could not be. To be awaited before a process ends or a function stands still. */
  settled(): Promise<void> {
    return this.#queue.settled();
  }
}

export async function publish(client: SNSClient, topic: string, alert: Alert): Promise<void> {
  const { pipeline, type } = alert.attributes;
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
