import { PenstockError } from '../../core/errors/penstock-error.ts';
import { Interrupted } from '../interruption.ts';
import type { ExitCode } from '../verb.ts';

/** What is wrong with what the user wrote, as opposed to what went wrong. */
const CONFIGURATION_CODES: ReadonlySet<string> = new Set(['PS1001', 'PS1002', 'PS1003', 'PS1006']);

/** The command line itself is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const GOES_ON = 'Nothing is lost: the same command goes on from here.';

/** The error that the others follow from: a failed clean-up hides it. */
export function firstError(error: unknown): unknown {
  return error instanceof SuppressedError ? firstError(error.suppressed) : error;
}

/** Code and message, then the remedy; a stack only where it is a mistake of the program's own. */
export function errorLines(error: unknown): string[] {
  if (error instanceof PenstockError) return [`error: ${error.message}`, ...remedyLines(error.remedy)];
  if (error instanceof UsageError) return [`error: ${error.message}`, 'remedy: see `penstock --help`'];
  if (error instanceof Interrupted) return [`error: ${error.message}`, `remedy: ${GOES_ON}`];
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [`error: PS9001 internal error: ${what}`, 'remedy: Report it with the message and the version.'];
}

function remedyLines(remedy: string): string[] {
  return remedy.split('\n').map((line, index) => (index === 0 ? `remedy: ${line}` : `        ${line}`));
}

/** The same for `--json`. */
export function errorObject(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof PenstockError) {
    const { code, message, remedy, retry, table } = error;
    return { code, message, remedy, retry, table };
  }
  if (error instanceof UsageError) return { code: 'usage', message: error.message, remedy: 'See `penstock --help`.' };
  if (error instanceof Interrupted) return { code: 'interrupted', message: error.message, remedy: GOES_ON };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'PS9001', message, remedy: 'Report it with the message and the version.' };
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return 2;
  return error instanceof PenstockError && CONFIGURATION_CODES.has(error.code) ? 2 : 1;
}

/** One line of JSON; errors inside become objects. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (inner instanceof Error ? errorObject(inner) : inner));
}
