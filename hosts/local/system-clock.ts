import { setTimeout as sleep } from 'node:timers/promises';
import { timestampFromMicroseconds, type Timestamp } from '../../core/changes/timestamp.ts';
import type { Clock } from '../../core/host/host.ts';

/** The machine's clock. Timestamps have microseconds and never run backwards within a process. */
export class SystemClock implements Clock {
  #last = 0n;

  now(): number {
    return Date.now();
  }

  timestamp(): Timestamp {
    const microseconds = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));
    this.#last = microseconds > this.#last ? microseconds : this.#last + 1n;
    return timestampFromMicroseconds(this.#last);
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}
