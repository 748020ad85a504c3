import type { ErrorCode } from '../../errors/codes.ts';
import { beforeWork, translatedError, type JudgedError } from '../translated-error.ts';

/** What the driver's errors carry. */
interface DriverError {
  /** The server's number (sys.messages); null for errors of the socket and the driver. */
  readonly number: number | null;
  /** The driver's name for it (`ELOGIN`), or the socket's (`ECONNREFUSED`). */
  readonly code: string | null;
  readonly message: string;
}

/** A login that the server refused: the driver's error has no number, which the server's message before it has. */
export class LoginRefusal extends Error {
  readonly number: number;
  readonly code = 'ELOGIN';

  constructor(number: number, message: string) {
    super(message);
    this.number = number;
  }
}

function all(code: ErrorCode, ...numbers: readonly number[]): (readonly [number, ErrorCode])[] {
  return numbers.map((number) => [number, code]);
}

/** Numbers of sys.messages. */
const BY_NUMBER: ReadonlyMap<number, ErrorCode> = new Map([
  // No room for more connections, starting, single user, stopped, the firewall of Azure, a database that is not there now.
  ...all(
    'PS2002',
    17142,
    17300,
    17809,
    17810,
    18401,
    18461,
    927,
    40615,
    40613,
    40532,
    10928,
    10929,
    49918,
    49919,
    49920,
  ),
  // Wrong password, trusted connection, disabled, locked out, expired, must be changed, no right to the database.
  ...all('PS2003', 18450, 18452, 18456, 18470, 18486, 18487, 18488, 4060, 4064),
  // A right on an object, a column, a statement, a state of the server or the database.
  ...all('PS2004', 229, 230, 262, 297, 300, 371, 916, 15247),
  ...all('PS1005', 208, 911, 942, 4701),
  ...all('PS1006', 207),
  // Snapshot isolation is off, change tracking is off for the database or the table, capture is off.
  ...all('PS2005', 3952, 22105, 22901),
  // Capture's functions take a range that the change tables do not hold any more for missing arguments.
  ...all('PS2006', 313),
  // The table was altered, or truncated, behind the SNAPSHOT transaction; the versions of rows are gone.
  ...all('PS2012', 3961, 3958, 3966),
  // Deadlock, lock timeout, killed, shut down, out of memory, locks or log, a failover.
  ...all('PS2010', 1205, 1222, 596, 6005, 3928, 3989, 601, 701, 802, 845, 1101, 1105, 1204, 8645, 8651, 9002),
  ...all('PS2010', 976, 978, 979, 983, 3906, 3960, 40197, 40501, 42108, 42109),
]);

/** Messages of these can hold values: of conversions, overflows, duplicates, cut texts, CLR types. */
const WITH_DATA = new Set([220, 232, 235, 244, 245, 248, 2601, 2627, 2628, 6522, 8114, 9420]);

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);
const LOST = new Set(['ESOCKET', 'ECLOSE', 'ECONNRESET', 'EPIPE', 'EINVALIDSTATE', 'ETIMEOUT']);

function codeOf({ number, code }: DriverError): ErrorCode {
  const known = number === null ? undefined : BY_NUMBER.get(number);
  if (known !== undefined) return known;
  if (number !== null || code === null) return 'PS2009';
  if (code === 'ELOGIN') return 'PS2003';
  if (code === 'EENCRYPT' || code === 'EINSTLOOKUP' || UNREACHABLE.has(code)) return 'PS2002';
  if (/CERT|^ERR_TLS|^ERR_SSL|SELF_SIGNED|UNABLE_TO/.test(code)) return 'PS2002';
  return LOST.has(code) ? 'PS2010' : 'PS2009';
}

/**
 * An error of the driver as ours. `doing` says what was tried: `read dbo.orders`.
 * A server's message is kept for faults of statements and set-up; those that can hold a value are left out.
 */
export function sourceError(error: unknown, doing: string, table: string | null = null): Error {
  return translatedError(error, doing, table, judged);
}

/** As {@link sourceError}; before anything runs on a connection, one that is lost was not there. */
export function connectionError(error: unknown, doing: string): Error {
  return translatedError(error, doing, null, (thrown) => beforeWork(judged(thrown)));
}

function judged(error: unknown): JudgedError {
  const driver = driverError(error);
  const holdsValue = driver.number !== null && WITH_DATA.has(driver.number);
  const said = holdsValue ? `error ${driver.number}` : driver.message;
  return { code: codeOf(driver), said, holdsValue };
}

/** Whether the server refused because the user lacks a right. */
export function isRefused(error: unknown): boolean {
  const number = serverErrorNumber(error);
  return number !== null && BY_NUMBER.get(number) === 'PS2004';
}

/** The server's error number, null where there is none. */
export function serverErrorNumber(error: unknown): number | null {
  return driverError(error).number;
}

function driverError(error: unknown): DriverError {
  if (!(error instanceof Error)) return { number: null, code: null, message: String(error) };
  // Several messages for one statement: the first says why, the others what follows from it.
  if (error instanceof AggregateError && error.errors.length > 0) {
    const each = error.errors.map(driverError);
    return { ...(each[0] ?? { number: null, code: null }), message: each.map(({ message }) => message).join('; ') };
  }
  const number = 'number' in error && typeof error.number === 'number' ? error.number : null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  const { cause } = error;
  // The driver wraps what the socket or TLS said.
  if (code === 'ESOCKET' && cause instanceof Error) {
    const inner = driverError(cause);
    // Of several addresses that were tried the driver only says that none answered.
    const message = cause instanceof AggregateError ? inner.message : error.message;
    if (inner.code !== null) return { ...inner, message };
  }
  return { number, code, message: error.message };
}
