import type { Clock } from '../../host/host.ts';

/**
 * Does `work`, whose signal aborts after `milliseconds` with what `reason` says.
 * @throws that reason, when the time was up before the work was done; what `work` throws
 */
export async function withPatience<Result>(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  reason: () => Error,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const impatient = new AbortController();
  const ended = new AbortController();
  const timer = clock.sleep(milliseconds, AbortSignal.any([signal, ended.signal])).then(
    () => {
      impatient.abort(reason());
    },
    () => undefined,
  );
  try {
    return await work(AbortSignal.any([signal, impatient.signal]));
  } catch (error) {
    signal.throwIfAborted();
    impatient.signal.throwIfAborted();
    throw error;
  } finally {
    ended.abort();
    await timer;
  }
}
