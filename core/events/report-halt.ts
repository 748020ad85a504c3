import { PenstockError } from '../errors/penstock-error.ts';
import type { Host } from '../host/host.ts';
import { emitError } from './flow-events.ts';

/** What stands between the message of a HaltError and what somebody has to do. */
export const WHAT_TO_DO = ' What to do: ';

/** Reports an error that ended the work and that somebody has to mend first. */
export function reportHalt(host: Host, pipeline: string, error: unknown): void {
  const known = error instanceof PenstockError;
  const message = error instanceof Error ? error.message : String(error);
  const remedy = known ? error.remedy : 'Report it with the message and the version.';
  emitError(host, pipeline, 'HaltError', {
    message: `${message}${WHAT_TO_DO}${remedy}`,
    errorId: known ? error.code : 'PS9001',
  });
}
