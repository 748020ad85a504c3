import type { ErrorCode } from '../../errors/codes.ts';
import { translatedError } from '../translated-error.ts';

/** What the driver's errors carry: the server's number, and a name or the socket's code. */
interface DriverError {
  /** The server's error number; null for errors of the socket and the driver. */
  readonly number: number | null;
  readonly code: string | null;
  readonly message: string;
}

/** Numbers from the server's list of error messages (share/errmsg-utf8.txt). */
const BY_NUMBER: ReadonlyMap<number, ErrorCode> = new Map([
  ...[1040, 1129, 1203, 1226].map((number) => [number, 'PS2002'] as const), // too many connections, host blocked
  ...[1045, 1130, 1251, 1275, 1524, 1698, 1862, 3118].map((number) => [number, 'PS2003'] as const), // login refused
  ...[1044, 1142, 1143, 1227, 1370].map((number) => [number, 'PS2004'] as const), // a right is missing
  ...[1049, 1146].map((number) => [number, 'PS1005'] as const), // no such database, no such table
  ...[1054].map((number) => [number, 'PS1006'] as const), // no such column
  ...[1381].map((number) => [number, 'PS2005'] as const), // no binlog
  ...[1236].map((number) => [number, 'PS2006'] as const), // the binlog cannot be read from there
  ...[1412].map((number) => [number, 'PS2012'] as const), // the table was altered behind the snapshot
  ...[
    1021, 1037, 1038, 1041, 1053, 1077, 1080, 1105, 1152, 1158, 1159, 1160, 1161, 1184, 1205, 1213, 1317, 1927, 1969,
  ].map((number) => [number, 'PS2010'] as const),
  ...[1836, 3024, 4031].map((number) => [number, 'PS2010'] as const),
]);

/** MySQL 9.6 and newer have MD5 in a component only; without it the name is taken for a function of a user (1305, 1370). */
const NO_MD5 = /\bmd5\b/i;
export const MD5_REMEDY = `INSTALL COMPONENT 'file://component_classic_hashing';`;

/** Messages of these can hold values: wrong value, out of range, truncated, duplicate entry. */
const WITH_DATA = new Set([1062, 1264, 1265, 1292, 1366, 1367, 1406, 1411, 1525, 3140, 3141, 3156]);

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED', 'PROTOCOL_CONNECTION_LOST', 'ERR_SOCKET_CLOSED']);

function codeOf({ number, code, message }: DriverError): ErrorCode {
  if (number !== null && BY_NUMBER.has(number)) return BY_NUMBER.get(number) ?? 'PS2009';
  if (code !== null) {
    if (UNREACHABLE.has(code) || /CERT|SSL|^ERR_TLS|SELF_SIGNED|UNABLE_TO/.test(code)) return 'PS2002';
    if (LOST.has(code)) return 'PS2010';
  }
  if (/secure connection|SSL/i.test(message) && number === null) return 'PS2002';
  return /closed state|Connection lost|closed the connection/.test(message) ? 'PS2010' : 'PS2009';
}

/**
 * An error of the driver as ours. `doing` says what was tried: `read shop.orders`.
 * A server's message is kept for faults of statements and set-up; those that can hold a value are left out.
 */
export function sourceError(error: unknown, doing: string, table: string | null = null): Error {
  return translatedError(error, doing, table, (thrown) => {
    const driver = driverError(thrown);
    const holdsValue = driver.number !== null && WITH_DATA.has(driver.number);
    if (isWithoutMd5(thrown)) {
      return { code: 'PS2009', said: 'the server has no function MD5', holdsValue, remedy: MD5_REMEDY };
    }
    return { code: codeOf(driver), said: holdsValue ? `error ${driver.number}` : driver.message, holdsValue };
  });
}

/** Whether the server refused because it has no function MD5. */
export function isWithoutMd5(error: unknown): boolean {
  const { number, message } = driverError(error);
  return (number === 1305 || number === 1370) && NO_MD5.test(message);
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
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  const number = 'errno' in error && typeof error.errno === 'number' && error.errno > 0 ? error.errno : null;
  if (error instanceof AggregateError && error.message === '') {
    return { number, code, message: error.errors.map((one) => driverError(one).message).join('; ') };
  }
  return { number, code, message: error.message };
}
