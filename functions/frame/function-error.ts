import { PenstockError } from '../../core/errors/penstock-error.ts';
import { retryOf } from '../../core/errors/retry-policy.ts';

/** How a function's failure is met: state machines and event sources know an error by its name. */
export type FunctionErrorName = 'PenstockTimed' | 'PenstockManual' | 'PenstockNever';

const NAMES = { timed: 'PenstockTimed', manual: 'PenstockManual', never: 'PenstockNever' } as const;

/** What leaves a function: the retry class as the name, `PSnnnn …` as the message, and no cause, which a log could print. */
export class FunctionError extends Error {
  override readonly name: FunctionErrorName;

  constructor(error: PenstockError) {
    super(error.message);
    this.name = NAMES[retryOf(error)];
  }
}

/** Any error as ours; `signal`: what ended the work when the function's time was nearly up. */
export function penstockErrorOf(error: unknown, signal: AbortSignal | null): PenstockError {
  if (error instanceof PenstockError) return error;
  if (signal?.aborted === true && signal.reason instanceof PenstockError) return signal.reason;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new PenstockError('PS9001', what, { cause: error });
}
