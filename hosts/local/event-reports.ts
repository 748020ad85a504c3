import { alertOf, type Alert } from '../../core/events/alert.ts';
import { pipelineOf, type PenstockEvent } from '../../core/events/event.ts';
import type { Clock, Log, Secrets } from '../../core/host/host.ts';
import type { AwsSettings } from '../../core/pipeline/aws-settings.ts';
import type { EmailSettings } from '../../core/pipeline/email-settings.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { AccountReports } from '../aws/account-reports.ts';
import { AlertQueue } from '../node/alert-queue.ts';
import type { FileEvents } from './file-events.ts';
import { sendMail } from './mail.ts';

/** The settings that say who is told what. */
export type ReportSettings = Pick<PipelineSettings, 'email' | 'aws' | 'pipeline'>;

export interface ReportingHost {
  readonly events: Pick<FileEvents, 'listen'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
}

/** Events that wait until it is known who is to be told. More at once are in the file of the events alone. */
const MOST_WAITING = 10_000;
const KNOWN_MILLISECONDS = 5000;

/**
 * Tells people and an AWS account of a pipeline's events, by its settings as they are then. Never holds up what is reported about: what
 * cannot be told is a line of the log. Disposing of it waits for what is on its way, for some seconds at most.
 */
export class EventReports implements AsyncDisposable {
  readonly #host: ReportingHost;
  readonly #settings: () => Promise<ReportSettings | null>;
  readonly #mails: AlertQueue;
  readonly #unlisten: () => void;
  #email: EmailSettings | null = null;
  #account: { readonly settings: string; readonly reports: AccountReports | null } | null = null;
  #known: { readonly at: number; readonly settings: ReportSettings | null } | null = null;
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();

  /** `settings`: null while there are none to work with. */
  constructor(host: ReportingHost, settings: () => Promise<ReportSettings | null>) {
    const { events, clock, log, secrets } = host;
    this.#host = host;
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
    await Promise.all([this.#mails.settled(), this.#endAccount()]);
  }

  #take(event: PenstockEvent): void {
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    this.#turn = this.#turn.then(async () => {
      const settings = await this.#settingsFor(event);
      this.#waiting--;
      if (settings?.pipeline !== pipelineOf(event)) return;
      this.#mail(event, settings.email);
      await this.#tellAccount(event, settings.aws);
    });
  }

  /** What is told to people goes by the settings of this moment; of all else there may be hundreds a second. */
  async #settingsFor(event: PenstockEvent): Promise<ReportSettings | null> {
    const now = this.#host.clock.now();
    if (this.#known !== null && now - this.#known.at < KNOWN_MILLISECONDS && alertOf(event) === null) {
      return this.#known.settings;
    }
    const settings = await this.#settings().catch(() => null);
    this.#known = { at: now, settings };
    return settings;
  }

  #mail(event: PenstockEvent, email: EmailSettings | null): void {
    this.#email = email;
    const alert = email?.enabled === true ? alertOf(event) : null;
    if (alert !== null && email?.events.includes(alert.attributes.type) === true) this.#mails.add(alert);
  }

  async #tellAccount(event: PenstockEvent, aws: AwsSettings | null): Promise<void> {
    const settings = JSON.stringify(aws);
    if (this.#account?.settings !== settings) {
      await this.#endAccount();
      this.#account = { settings, reports: aws?.enabled === true ? await this.#openAccount(aws) : null };
    }
    this.#account.reports?.take(event);
  }

  async #openAccount(aws: AwsSettings): Promise<AccountReports | null> {
    try {
      // Loaded here: few installations tell AWS anything.
      const { accountClients } = await import('../aws/account-clients.ts');
      const { AccountReports: Reports } = await import('../aws/account-reports.ts');
      return new Reports(aws, await accountClients(aws, this.#host.secrets), this.#host);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#host.log.warn('nothing can be sent to AWS', { reason });
      return null;
    }
  }

  async #endAccount(): Promise<void> {
    const reports = this.#account?.reports ?? null;
    this.#account = null;
    await reports?.[Symbol.asyncDispose]();
  }
}
