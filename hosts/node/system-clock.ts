import { setTimeout as sleep } from 'node:timers/promises';
import { timestampFromMicroseconds, type Timestamp } from '../../core/changes/timestamp.ts';
import type { Clock } from '../../core/host/host.ts';

/** setTimeout takes a longer pause for none at all. */
const LONGEST_SLEEP = 2 ** 31 - 1;
/** How far the steady counter may be from the machine's clock before it is set again, in milliseconds. */
const TOLERANCE = 2;

/** The machine's clock. Timestamps have microseconds and never run backwards, nor stand still, within a process. */
export class SystemClock implements Clock {
  #last = 0n;
  /** What the steady counter lacks to the machine's clock, in milliseconds. */
  #offset = performance.timeOrigin;

  now(): number {
    return Date.now();
  }

  timestamp(): Timestamp {
    const microseconds = BigInt(Math.floor(this.#milliseconds() * 1000));
    this.#last = microseconds > this.#last ? microseconds : this.#last + 1n;
    return timestampFromMicroseconds(this.#last);
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    try {
      await sleep(Math.min(milliseconds, LONGEST_SLEEP), undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  /** The steady counter has microseconds, but stands still while the machine sleeps and is not set by NTP: it follows the clock. */
  #milliseconds(): number {
    const counter = performance.now();
    const clock = Date.now();
    if (Math.abs(clock - counter - this.#offset) > TOLERANCE) this.#offset = clock - counter;
    return counter + this.#offset;
  }
}
