import { PenstockError } from './penstock-error.ts';
import type { Retry } from './codes.ts';

/** How an error is met; one that is not ours is never tried again blindly. */
export function retryOf(error: unknown): Retry {
  return error instanceof PenstockError ? error.retry : 'manual';
}

const FIRST_PAUSE_MILLISECONDS = 250;
const LONGEST_PAUSE_MILLISECONDS = 30_000;

/**
 * The pause before try `attempt` (1 is the first retry): doubles from 250 ms up to 30 s.
 * `random` in [0, 1) spreads it over the upper half, so that many processes do not return at once.
 */
export function backoffMilliseconds(attempt: number, random: number): number {
  const full = Math.min(LONGEST_PAUSE_MILLISECONDS, FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * random;
}
