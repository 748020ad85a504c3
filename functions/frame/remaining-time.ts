import { PenstockError } from '../../core/errors/penstock-error.ts';

/** Aborts some seconds before a function's time is up, so that its work ends in order: gives leases back, flushes, answers. */
export interface RemainingTime extends Disposable {
  readonly signal: AbortSignal;
  /** When the signal aborts: milliseconds since 1970. */
  readonly deadline: number;
}

/** The share of the time that is kept for the end, and its bounds, in milliseconds. */
const SHARE = 0.1;
const LEAST_MILLISECONDS = 1000;
const MOST_MILLISECONDS = 10_000;

export function remainingTime(name: string, remainingMilliseconds: number): RemainingTime {
  const kept = Math.min(MOST_MILLISECONDS, Math.max(LEAST_MILLISECONDS, remainingMilliseconds * SHARE));
  const left = Math.max(0, remainingMilliseconds - kept);
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new PenstockError('PS1011', `function ${name} has ${Math.round(kept)} ms left`));
  }, left);
  return {
    signal: controller.signal,
    deadline: Date.now() + left,
    [Symbol.dispose]() {
      clearTimeout(timer);
    },
  };
}
