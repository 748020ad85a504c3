import { backoffMilliseconds, retryOf } from './retry-policy.ts';
import { PenstockError } from './penstock-error.ts';
import type { Host } from '../host/host.ts';

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
      host.events.emit({
        type: 'RetryError',
        pipeline,
        generated: host.clock.timestamp(),
        errorCode: error.code,
        message: error.message,
        attempt: failures,
      });
      await host.clock.sleep(pause, signal);
    }
  }
}
