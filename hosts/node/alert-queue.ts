import type { Alert } from '../../core/events/alert.ts';
import type { Clock, Log } from '../../core/host/host.ts';

export interface AlertQueueSettings {
  /** Tells one alert; rejects where it could not. */
  readonly send: (alert: Alert) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Alerts that wait to be sent. More than these at once say nothing more to anybody. */
const MOST_WAITING = 50;
/** The same alert is not sent again within this time, in milliseconds: what goes on is told once an hour. */
const QUIET_MILLISECONDS = 3_600_000;
/** How many alerts are remembered for that. */
const MOST_REMEMBERED = 500;
/** How long {@link AlertQueue.settled} waits for a place that does not answer, in milliseconds. */
const PATIENCE_MILLISECONDS = 5000;

/** Sends alerts one after the other, each once an hour while it goes on. What could not be sent is a line of the log, and sent the next time. */
export class AlertQueue {
  readonly #settings: AlertQueueSettings;
  readonly #waiting: Alert[] = [];
  /** When an alert was sent last. */
  readonly #sent = new Map<string, number>();
  #sending: Promise<void> | null = null;

  constructor(settings: AlertQueueSettings) {
    this.#settings = settings;
  }

  add(alert: Alert): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#settings.log.warn('alert left out: too many wait', { subject: alert.subject });
      return;
    }
    if (this.#isKnown(alert)) return;
    this.#waiting.push(alert);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
  }

  /** Resolves when every alert is sent or could not be. To be awaited before a process ends or a function stands still. */
  async settled(): Promise<void> {
    const sending = this.#sending;
    if (sending === null) return;
    const ended = new AbortController();
    const patience = this.#settings.clock.sleep(PATIENCE_MILLISECONDS, ended.signal).catch(() => undefined);
    await Promise.race([sending, patience]);
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

  async #sendAll(): Promise<void> {
    for (let alert = this.#waiting.shift(); alert !== undefined; alert = this.#waiting.shift()) {
      await this.#send(alert);
    }
  }

  async #send(alert: Alert): Promise<void> {
    try {
      await this.#settings.send(alert);
    } catch (error) {
      this.#sent.delete(alert.sameAs);
      this.#settings.log.warn('alert not published', {
        subject: alert.subject,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }
}
