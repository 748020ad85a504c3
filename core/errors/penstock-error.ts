import { ERROR_CODES, type ErrorCode, type Retry } from './codes.ts';

/**
 * The one error of the product: a code, what happened to what, and how to mend it.
 * The message never holds a cell value or a credential.
 */
export class PenstockError extends Error {
  override readonly name = 'PenstockError';
  readonly code: ErrorCode;
  readonly retry: Retry;
  /** What to do about it, in the user's words; where a statement mends it, the statement. */
  readonly remedy: string;
  /** The id of the one table that it is about, so that the others can go on; null when it is not about one. */
  readonly table: string | null;

  constructor(
    code: ErrorCode,
    what: string,
    options: { readonly remedy?: string; readonly table?: string; readonly cause?: unknown } = {},
  ) {
    super(`${code} ${ERROR_CODES[code].title}: ${what}`, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retry = ERROR_CODES[code].retry;
    this.remedy = options.remedy ?? ERROR_CODES[code].remedy;
    this.table = options.table ?? null;
  }
}

/** Whether `error` is a {@link PenstockError} with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is PenstockError {
  return error instanceof PenstockError && codes.includes(error.code);
}
