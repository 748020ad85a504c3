import { PenstockError } from '../errors/penstock-error.ts';
import type { Host } from '../host/host.ts';

/** Reports an error that ended the work and that somebody has to mend first. */
export function reportHalt(host: Host, pipeline: string, error: unknown): void {
  const known = error instanceof PenstockError;
  host.events.emit({
    type: 'HaltError',
    pipeline,
    generated: host.clock.timestamp(),
    errorCode: known ? error.code : 'PS9001',
    message: error instanceof Error ? error.message : String(error),
    remedy: known ? error.remedy : 'Report it with the message and the version.',
  });
}
