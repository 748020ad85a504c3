import { Catalog } from '../../core/catalog/catalog.ts';
import { hasCode, PenstockError } from '../../core/errors/penstock-error.ts';
import type { Host } from '../../core/host/host.ts';
import type { OperationContext, Progress } from '../../core/operations/operation-context.ts';
import { run } from '../../core/operations/replication/run.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import { isRecurring } from '../../core/schedule/due.ts';
import { parsedConfiguration } from '../api/configuration/parsed-configuration.ts';
import type { ConfigurationStore } from '../api/console-host.ts';
import type { Activity } from '../api/schemas/dashboard.ts';

/** How often who waits looks whether something can be done now, in milliseconds. */
const LOOK_MILLISECONDS = 3000;
/** How often what was halted is tried again, in milliseconds: it goes on by itself when it was mended. */
const HALTED_MILLISECONDS = 60_000;

export interface SupervisorSite {
  readonly pipeline: string;
  readonly host: Host;
  readonly configuration: Pick<ConfigurationStore, 'read'>;
  readonly working: <Result>(
    settings: PipelineSettings,
    signal: AbortSignal,
    progress: (update: Progress) => void,
    work: (context: OperationContext) => Promise<Result>,
  ) => Promise<Result>;
  readonly onProgress: (update: Progress) => void;
  /** What an error does: `wait` until it was mended, as a console does; `end`, as a command does. */
  readonly onError: 'wait' | 'end';
}

export type Standing = Omit<Activity, 'operation'>;

/**
 * Lets a pipeline run in this process, and goes on by itself after whatever ended it: a change of the configuration, an operation,
 * an error that was mended. What it waits for is in its standing.
 */
export class Supervisor implements AsyncDisposable {
  readonly #site: SupervisorSite;
  readonly #closed = new AbortController();
  #standing: Standing;
  #poked = Promise.withResolvers<undefined>();
  /** The run at work; aborted to pause or to begin it anew. */
  #work = new AbortController();
  #pauses = 0;
  #hasRun = false;
  #idle = Promise.withResolvers<undefined>();
  #loop: Promise<void> | null = null;

  constructor(site: SupervisorSite) {
    this.#site = site;
    this.#standing = { state: 'off', since: null, message: 'it was not opened yet', remedy: null };
    this.#idle.resolve(undefined);
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Lets it run, if it does not yet. */
  start(): void {
    if (this.#loop !== null) return;
    this.#loop = this.#superviseForever();
    // Who waits for the end gets the error; who does not is not surprised by it.
    this.#loop.catch(() => undefined);
  }

  /** Lets it run until the signal aborts. @throws with `onError: 'end'` what it failed with */
  async runUntil(signal: AbortSignal): Promise<void> {
    const close = (): void => {
      this.#closed.abort(signal.reason);
      this.again();
    };
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    this.start();
    try {
      await this.#loop;
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  get isStarted(): boolean {
    return this.#loop !== null;
  }

  /** Begins anew: the configuration is another one, or somebody wants to know now whether it goes on. */
  again(): void {
    this.#work.abort(new Error('it begins anew'));
    this.#poke();
  }

  /** Ends what is at work at a clean place, does `work`, and goes on. */
  async pausing<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#pauses++;
    try {
      this.#work.abort(new Error('an operation needs the log'));
      await this.#idle.promise;
      return await work();
    } finally {
      this.#pauses--;
      this.#poke();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('the console ends'));
    this.again();
    await this.#loop?.catch(() => undefined);
  }

  async #superviseForever(): Promise<void> {
    const { signal } = this.#closed;
    const isClosed = (): boolean => signal.aborted;
    while (!isClosed()) {
      let pause = LOOK_MILLISECONDS;
      try {
        if (this.#pauses === 0) await this.#runIfItCan();
      } catch (error) {
        if (isClosed()) return;
        if (this.#site.onError === 'end') throw error;
        pause = this.#halted(error);
      }
      if (!isClosed()) await this.#waitFor(pause);
    }
  }

  /** Runs if it can; returns when there is nothing to do or it was told to end. */
  async #runIfItCan(): Promise<void> {
    const { settings } = parsedConfiguration(await this.#site.configuration.read());
    const obstacle = settings === null ? incomplete() : await this.#obstacle(settings);
    if (obstacle !== null || settings === null) {
      if (obstacle !== null) this.#stand(obstacle);
      return;
    }
    // Somebody may have asked for a pause while the configuration was read.
    if (this.#isHeldUp()) return;
    this.#work = new AbortController();
    this.#idle = Promise.withResolvers();
    const signal = AbortSignal.any([this.#work.signal, this.#closed.signal]);
    try {
      this.#stand({ state: 'working', message: '', remedy: null });
      const { onProgress, working } = this.#site;
      // Beginning anew is no start: the switch stays as it is.
      const asStarted = this.#hasRun ? { ...settings, restoreOnStartup: true } : settings;
      this.#hasRun = true;
      await working(asStarted, signal, onProgress, run);
    } finally {
      this.#idle.resolve(undefined);
    }
  }

  #isHeldUp(): boolean {
    return this.#pauses > 0 || this.#closed.signal.aborted;
  }

  /** Why nothing runs by itself; null: it may. */
  async #obstacle(settings: PipelineSettings): Promise<Omit<Standing, 'since'> | null> {
    const { schedule, source } = settings;
    // A command says these as its error.
    if (this.#site.onError === 'end') return null;
    if (schedule.tag === 'manual') {
      return { state: 'off', message: 'the schedule is manual: nothing runs by itself', remedy: null };
    }
    const isFull = (source.specific as { readonly extractType?: unknown } | null)?.extractType === 'fullExtracts';
    if (isFull && !isRecurring(schedule)) {
      const remedy = 'Choose a schedule that is periodic, daily, weekly or monthly, or start Full Extract by hand.';
      return { state: 'off', message: 'full extracts have no log to follow', remedy };
    }
    const { position } = await new Catalog(this.#site.pipeline, this.#site.host).head();
    if (position !== null || isFull) return null;
    return { state: 'off', message: 'no full extract was made yet', remedy: 'Start the operation Full Extract.' };
  }

  /** @returns how long to wait */
  #halted(error: unknown): number {
    if (hasCode(error, 'PS1007', 'PS1008', 'PS1009', 'PS3002')) {
      this.#stand({ state: 'elsewhere', message: error.message, remedy: error.remedy });
      return LOOK_MILLISECONDS;
    }
    const known = error instanceof PenstockError ? error : null;
    const message = error instanceof Error ? error.message : String(error);
    this.#stand({ state: 'halted', message, remedy: known?.remedy ?? null });
    this.#site.host.log.error('halted; trying again in a minute', { reason: message, code: known?.code ?? 'PS9001' });
    return HALTED_MILLISECONDS;
  }

  async #waitFor(milliseconds: number): Promise<void> {
    const woken = new AbortController();
    const slept = this.#site.host.clock.sleep(milliseconds, woken.signal).catch(() => undefined);
    await Promise.race([slept, this.#poked.promise]);
    woken.abort();
    this.#poked = Promise.withResolvers();
  }

  #poke(): void {
    this.#poked.resolve(undefined);
  }

  #stand(standing: Omit<Standing, 'since'>): void {
    const { state, message } = this.#standing;
    if (state === standing.state && message === standing.message && this.#standing.since !== null) return;
    this.#standing = { ...standing, since: this.#site.host.clock.timestamp() };
  }
}

function incomplete(): Omit<Standing, 'since'> {
  return { state: 'incomplete', message: 'the set-up is not done', remedy: 'Set up source, destination and tables.' };
}
