import type { ErrorCode } from '../errors/codes.ts';
import { PenstockError } from '../errors/penstock-error.ts';

/** What a source makes of an error that its driver threw. */
export interface JudgedError {
  readonly code: ErrorCode;
  /** The server's or the driver's words; of faults whose message can hold a value, its number alone. */
  readonly said: string;
  /** The message can hold a value: the error itself goes no further either. */
  readonly holdsValue: boolean;
  /** Where the code's own remedy does not say it. */
  readonly remedy?: string | undefined;
}

/** An error of a driver as ours; what is ours, and an abort, stay as they are. `doing` says what was tried: `read shop.orders`. */
export function translatedError(
  error: unknown,
  doing: string,
  table: string | null,
  judge: (error: unknown) => JudgedError,
): Error {
  if (error instanceof PenstockError) return error;
  if (error instanceof DOMException && error.name === 'AbortError') return error;
  const { code, said, holdsValue, remedy } = judge(error);
  return new PenstockError(code, `${doing}: ${said}`, {
    ...(table === null ? {} : { table }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(holdsValue ? {} : { cause: error }),
  });
}

/** Before anything runs on a connection, one that is lost was not there. */
export function beforeWork(judged: JudgedError): JudgedError {
  return judged.code === 'PS2010' ? { ...judged, code: 'PS2002' } : judged;
}
