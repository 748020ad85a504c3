import type { ErrorCode } from '../../errors/codes.ts';
import { translatedError } from '../translated-error.ts';

/** What the driver's errors carry: SQLSTATE for those of the server, `ECONNREFUSED` and the like for those of the socket. */
interface DriverError {
  readonly code: string | null;
  readonly message: string;
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  '57P03',
  '53300',
]);
const LOGIN = new Set(['28000', '28P01']);
const RIGHT = new Set(['42501', '0LP01']);
/** wal_level is not logical; no slot is free. */
const SETUP = new Set(['55000', '53400']);
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED', '57P01', '57P02', '57P05', '25P03', '25P04']);
const PASSING = new Set(['40001', '40P01', '55P03', '53000', '53100', '53200', '57014', '58030']);

/** SQLSTATE class or the socket's code → our code. A text is looked at only where the driver gives no code. */
function codeOf(error: DriverError): ErrorCode {
  const { code, message } = error;
  if (code === null) {
    if (/timeout|does not support SSL|establishing an SSL/.test(message)) return 'PS2002';
    return /terminated|not queryable|closed/.test(message) ? 'PS2010' : 'PS2009';
  }
  if (UNREACHABLE.has(code) || /CERT|^ERR_TLS|SELF_SIGNED|UNABLE_TO/.test(code)) return 'PS2002';
  if (LOGIN.has(code)) return 'PS2003';
  if (RIGHT.has(code)) return 'PS2004';
  if (code === '55006') return 'PS2007';
  if (SETUP.has(code)) return 'PS2005';
  if (LOST.has(code) || PASSING.has(code) || code.startsWith('08')) return 'PS2010';
  return 'PS2009';
}

/**
 * An error of the driver as ours. `doing` says what was tried: `read public.orders`.
 * A server's message is kept for faults of statements and set-up; those of data (class 22) can hold a value and are left out.
 */
export function sourceError(error: unknown, doing: string, table: string | null = null): Error {
  return translatedError(error, doing, table, (thrown) => {
    const driver = driverError(thrown);
    const holdsValue = driver.code !== null && /^(22|23)/.test(driver.code);
    return { code: codeOf(driver), said: holdsValue ? `SQLSTATE ${driver.code}` : driver.message, holdsValue };
  });
}

/** SQLSTATE or the socket's code, null where there is none. */
export function driverCode(error: unknown): string | null {
  return driverError(error).code;
}

function driverError(error: unknown): DriverError {
  if (!(error instanceof Error)) return { code: null, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (error instanceof AggregateError && error.message === '') {
    return { code, message: error.errors.map((one) => driverError(one).message).join('; ') };
  }
  return { code, message: error.message };
}
