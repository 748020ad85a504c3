import { backoffMilliseconds, retryOf } from './retry-policy.ts';
import { PenstockError } from './penstock-error.ts';
import { emitError } from '../events/flow-events.ts';
import type { Host } from '../host/host.ts';

/**
 * With pauses that grow to half a minute, two minutes of trying: what takes longer does not pass by itself as soon as hoped. Then
 * about once an hour.
 */
const FIRST_TOLD = 10;
const NEXT_TOLD = 120;

function isWorthTelling(failures: number): boolean {
  return failures === FIRST_TOLD || failures % NEXT_TOLD === 0;
}

/**
 * Runs `attempt` until it ends; an error that passes by itself is followed by a growing pause and another try.
 * `attempt` calls `progressed` when it got somewhere, so that a later failure starts with short pauses again.
 * @throws what `attempt` throws when somebody has to mend it first, or the signal's reason
 */
export async function keepTrying<Result>(
  host: Host,
  pipeline: string,
  what: string,
  signal: AbortSignal,
  attempt: (progressed: () => void) => Promise<Result>,
): Promise<Result> {
  let failures = 0;
  for (;;) {
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      signal.throwIfAborted();
      if (retryOf(error) !== 'timed' || !(error instanceof PenstockError)) throw error;
      failures++;
      const pause = backoffMilliseconds(failures, host.randomness.fraction());
      host.log.warn(`${what} failed; trying again`, {
        code: error.code,
        message: error.message,
        attempt: failures,
        pauseMilliseconds: Math.round(pause),
      });
      emitError(host, pipeline, 'RetryError', { message: error.message, errorId: error.code });
      if (isWorthTelling(failures)) {
        const generated = host.clock.timestamp();
        const { code: errorCode, message } = error;
        host.events.emit({ type: 'StillFailing', pipeline, generated, errorCode, message, attempt: failures });
      }
      await host.clock.sleep(pause, signal);
    }
  }
}
