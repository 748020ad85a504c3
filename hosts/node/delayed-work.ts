import type { Clock } from '../../core/host/host.ts';

/** How long {@link DelayedWork.settled} waits for a place that does not answer, in milliseconds. */
const PATIENCE_MILLISECONDS = 5000;

/** Does something a while after it was asked for, once for all that was asked meanwhile; never twice at once. */
export class DelayedWork {
  readonly #clock: Clock;
  readonly #milliseconds: number;
  readonly #work: () => Promise<void>;
  #hurry = new AbortController();
  #running: Promise<void> | null = null;

  /** `work` never rejects. */
  constructor(clock: Clock, milliseconds: number, work: () => Promise<void>) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
    this.#work = work;
  }

  ask(): void {
    this.#running ??= this.#run();
  }

  /** Does at once what was asked for. Resolves when it is done, or has taken too long. */
  async settled(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#hurry.abort();
    const ended = new AbortController();
    const patience = this.#clock.sleep(PATIENCE_MILLISECONDS, ended.signal).catch(() => undefined);
    await Promise.race([running, patience]);
    ended.abort();
  }

  async #run(): Promise<void> {
    await this.#clock.sleep(this.#milliseconds, this.#hurry.signal).catch(() => undefined);
    // What is asked for from here on is for the next time.
    this.#running = null;
    this.#hurry = new AbortController();
    await this.#work();
  }
}
