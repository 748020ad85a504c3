import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { ErrorCode } from '../../core/errors/codes.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weather } from './weather.ts';

/** What all processes of a run share. */
export interface World {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  /** A rule that must hold was broken; the run goes on and fails at its end. */
  readonly violation: (what: string) => void;
}

export interface CallOptions {
  /** The error of a call that was refused, or whose reply was lost; null: such a call cannot fail. */
  readonly fails: ErrorCode | null;
  readonly signal?: AbortSignal;
}

/** Longer than any lease: what is sent before a pause arrives after somebody else took over. */
const STUCK_MILLISECONDS = { low: 5_000, high: 70_000 } as const;

/**
 * A process that can end at any await: after {@link crash} no call of it ever resolves,
 * while what it had sent may still arrive, as with a real process and a real network.
 */
export class SimulatedProcess {
  readonly name: string;
  readonly world: World;
  /** Called at the moment of the crash. */
  onCrash: () => void = () => undefined;
  #crashed = false;
  #runsAgainAt = 0;

  constructor(name: string, world: World) {
    this.name = name;
    this.world = world;
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  crash(why: string): void {
    if (this.#crashed) return;
    this.#crashed = true;
    this.world.time.note(`${this.name} crashed ${why}`);
    this.onCrash();
  }

  /** The process stands still: replies and timers reach it only afterwards. */
  pause(milliseconds: number): void {
    this.world.time.note(`${this.name} pauses ${milliseconds}`);
    this.#runsAgainAt = Math.max(this.#runsAgainAt, this.world.time.microseconds + milliseconds * 1000);
  }

  resume(): void {
    this.#runsAgainAt = 0;
  }

  /** Runs `action` in this process: never after a crash, and not during a pause. */
  deliver(label: string, action: () => void): void {
    if (this.#crashed) return;
    const { time } = this.world;
    if (this.#runsAgainAt > time.microseconds) {
      const wait = Math.min(1_000, (this.#runsAgainAt - time.microseconds) / 1000);
      time.after(wait, `${this.name} waits to ${label}`, () => this.deliver(label, action));
      return;
    }
    action();
  }

  /**
   * A request to something outside: travels, takes effect at one moment, and is answered.
   * `effect` runs at that moment, also when the process has crashed since (in half of the cases).
   */
  call<T>(what: string, effect: () => T, options: CallOptions): Promise<T> {
    const { time, random, weather } = this.world;
    const { fails, signal } = options;
    const label = `${this.name} ${what}`;
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(reasonOf(signal));
        return;
      }
      const abort = (): void => reject(signal === undefined ? new Error('aborted') : reasonOf(signal));
      signal?.addEventListener('abort', abort, { once: true });
      const reply = (settle: () => void): void => {
        const answer = (): void => {
          signal?.removeEventListener('abort', abort);
          settle();
        };
        if (random.chance(0.5)) this.deliver(label, answer);
        else time.after(this.#latency(), `${label} ←`, () => this.deliver(label, answer));
      };
      if (fails !== null && random.chance(weather.late)) {
        this.#giveUp(label, effect);
        time.after(this.#latency(), `${label} given up`, () =>
          reply(() => reject(new PenstockError(fails, `${what}: no reply in time`))),
        );
        return;
      }
      const refused = fails !== null && random.chance(weather.refused);
      const lost = fails !== null && random.chance(weather.lostReply);
      time.after(this.#latency(), `${label}${refused ? ' refused' : lost ? ' lost' : ''}`, () => {
        if (this.#crashed && random.chance(0.5)) return;
        if (refused) {
          reply(() => reject(new PenstockError(fails, `${what} was refused`)));
          return;
        }
        try {
          const value = effect();
          reply(() => (lost ? reject(new PenstockError(fails, `${what}: no reply`)) : resolve(value)));
        } catch (error) {
          reply(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
      });
    });
  }

  /** Resolves after `milliseconds` of virtual time; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const planned = this.world.time.after(milliseconds, `${this.name} wakes`, () =>
        this.deliver('wake', () => {
          signal.removeEventListener('abort', abort);
          resolve();
        }),
      );
      const abort = (): void => {
        planned.action = null;
        reject(reasonOf(signal));
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** The request goes on without its caller. */
  #giveUp(label: string, effect: () => unknown): void {
    const { time, random } = this.world;
    const delay = random.chance(0.5) ? random.between(1, 2_000) : random.between(1_000, 60_000);
    time.after(delay, `${label} late`, () => {
      try {
        effect();
      } catch (error) {
        if (!(error instanceof PenstockError)) throw error;
      }
    });
  }

  #latency(): number {
    const { random, weather } = this.world;
    if (random.chance(weather.stuck)) return random.between(STUCK_MILLISECONDS.low, STUCK_MILLISECONDS.high);
    if (random.chance(weather.slow)) return random.between(50, 1_000);
    return 0.5 + random.fraction() * 8;
  }
}

export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
