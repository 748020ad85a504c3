import { alertOf, type Alert } from '../../core/events/alert.ts';
import type { PenstockEvent } from '../../core/events/event.ts';
import type { Clock, Log, Secrets } from '../../core/host/host.ts';
import type { EmailSettings } from '../../core/pipeline/email-settings.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import { AlertQueue } from '../node/alert-queue.ts';
import type { FileEvents } from './file-events.ts';
import { sendMail } from './mail.ts';

/** The settings that say who is told what. */
export type ReportSettings = Pick<PipelineSettings, 'email' | 'pipeline'>;

export interface ReportingHost {
  readonly events: Pick<FileEvents, 'listen'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
}

/** Events that wait until it is known who is to be told. More at once are in the file of the events alone. */
const MOST_WAITING = 10_000;

/**
 * Tells people of a pipeline's events, by its settings as they are then. Never holds up what is reported about: what cannot be told is
 * a line of the log. Disposing of it waits for what is on its way, for some seconds at most.
 */
export class EventReports implements AsyncDisposable {
  readonly #settings: () => Promise<ReportSettings | null>;
  readonly #mails: AlertQueue;
  readonly #unlisten: () => void;
  #email: EmailSettings | null = null;
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();

  /** `settings`: null while there are none to work with. */
  constructor({ events, clock, log, secrets }: ReportingHost, settings: () => Promise<ReportSettings | null>) {
    this.#settings = settings;
    const send = async (alert: Alert): Promise<void> => {
      if (this.#email !== null) await sendMail(this.#email, secrets, alert);
    };
    this.#mails = new AlertQueue({ send, clock, log });
    this.#unlisten = events.listen((event) => {
      this.#take(event);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten();
    await this.#turn;
    await this.#mails.settled();
  }

  #take(event: PenstockEvent): void {
    const alert = alertOf(event);
    if (alert === null || this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    this.#turn = this.#turn.then(async () => {
      const settings = await this.#settings().catch(() => null);
      this.#waiting--;
      if (settings?.pipeline === alert.attributes.pipeline) this.#mail(alert, settings.email);
    });
  }

  #mail(alert: Alert, email: EmailSettings | null): void {
    this.#email = email;
    if (email?.enabled === true && email.events.includes(alert.attributes.type)) this.#mails.add(alert);
  }
}
