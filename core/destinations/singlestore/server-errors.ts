import type { ErrorCode } from '../../errors/codes.ts';
import { PenstockError } from '../../errors/penstock-error.ts';

/** What the driver throws: an answer of the server (`errno` from 1000) or a failure of the connection (`code`). */
export interface DriverError extends Error {
  readonly errno?: number;
  readonly code?: string;
  readonly sqlMessage?: string;
  readonly fatal?: boolean;
}

/** Where an error came up, for its message. */
export interface ErrorPlace {
  /** What was being done, in a few words: `loading chunk 3 into shop.orders__copy`. */
  readonly doing: string;
  /** The id of the source table, where it is about one. */
  readonly table: string | null;
  /** Names that may be told; a server's message is searched for these, never passed on with its values. */
  readonly columns: readonly string[];
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);
const LOST = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ERR_STREAM_DESTROYED',
]);
/** Server gone, lost, shutting down, killed. */
const LOST_NUMBERS = new Set([2006, 2013, 1053, 1077, 1152, 1184, 1927]);
/** Lock wait timeout, deadlock, record changed, transaction rolled back, too many locks, statement killed or out of time. */
const ROLLED_BACK = new Set([1205, 1213, 1020, 1206, 1180, 1613, 1317, 1969, 3024]);
const TOO_BUSY = new Set([1040, 1203, 1226]);
const REFUSED = new Set([1045, 1698, 1862, 1820, 4151]);
const FORBIDDEN = new Set([1044, 1142, 1143, 1227, 1370, 1410]);
const TLS_CODES = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HANDSHAKE_NO_SSL|HANDSHAKE_SSL)/;

/** Data errors: number → what to say instead of the server's own words, which may hold the value. */
const DATA: Readonly<Record<number, string>> = {
  1048: 'NULL in a key column',
  1062: 'a key stands there twice',
  1261: 'a line has too few fields',
  1262: 'a line has too many fields',
  1263: 'NULL in a key column',
  1264: 'a number is out of range',
  1265: 'a value would be cut',
  1292: 'a value is not of the type',
  1300: 'a text is not valid UTF-8',
  1364: 'a column has no value',
  1366: 'a value is not of the type',
  1406: 'a value is too long',
  1411: 'a value is not of the type',
  1441: 'a date is out of range',
  1690: 'a number is out of range',
  1153: 'a value is larger than max_allowed_packet',
  4025: 'a constraint refuses it',
};

/** Numbers whose message speaks of names and settings only. */
const SAFE_MESSAGES = new Set([
  1007, 1008, 1046, 1049, 1050, 1051, 1054, 1059, 1060, 1061, 1067, 1069, 1071, 1072, 1101, 1103, 1113, 1114, 1117,
  1118, 1146, 1148, 1166, 1193, 1231, 1273, 1290, 1293, 1305, 1706, 2549, 3948, 4166,
]);

/** The driver's error → ours. The driver's own error is not kept as the cause: it holds the statement with its values. */
export function serverError(error: unknown, place: ErrorPlace): unknown {
  if (error instanceof PenstockError || !isDriverError(error)) return error;
  const about = place.table === null ? {} : { table: place.table };
  const number = error.errno ?? 0;
  const dataError = DATA[number];
  if (dataError !== undefined) {
    return new PenstockError('PS4004', dataErrorText(place, dataError, error.sqlMessage ?? '', number), about);
  }
  if (FORBIDDEN.has(number)) {
    return new PenstockError('PS4003', `${place.doing}: ${error.sqlMessage ?? ''}`, {
      remedy: 'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON the database TO the user.',
    });
  }
  if (isTargetGone(number, error.sqlMessage ?? '') && place.table !== null) {
    return new PenstockError('PS4007', `${place.doing}: ${symbolOf(error)}: ${error.sqlMessage ?? ''}`, about);
  }
  const code = connectionCode(error, number);
  if (code !== null) return new PenstockError(code, `${place.doing}: ${symbolOf(error)}`);
  const message = SAFE_MESSAGES.has(number) ? `: ${error.sqlMessage ?? ''}` : '';
  return new PenstockError('PS4008', `${place.doing}: ${symbolOf(error)}${message}`, remedyOf(number));
}

/** No such table, no such column: somebody changed the target. A staging table that is gone is made again. */
function isTargetGone(number: number, message: string): boolean {
  return (number === 1146 || number === 1054) && !/__staging(?:_[0-9a-f]+)?'/.test(message);
}

/** One row of SHOW WARNINGS → our error. */
export function warningError(place: ErrorPlace, number: number, message: string): PenstockError {
  const what = dataErrorText(place, DATA[number] ?? 'the server warns', message, number);
  return new PenstockError('PS4004', what, place.table === null ? {} : { table: place.table });
}

function dataErrorText(place: ErrorPlace, what: string, message: string, number: number): string {
  const column = columnIn(message, place.columns);
  return `${place.doing}: ${what}${column === null ? '' : ` in column ${column}`} (server error ${number})`;
}

/** The column that a server's message names, if it is one of `columns`: the message also holds the value. */
export function columnIn(message: string, columns: readonly string[]): string | null {
  const named = /[`']([^`']+)[`'](?: at row \d+| cannot be null)?$/.exec(message)?.[1]?.toLowerCase();
  return columns.find((column) => column.toLowerCase() === named) ?? null;
}

function connectionCode(error: DriverError, number: number): ErrorCode | null {
  if (ROLLED_BACK.has(number)) return 'PS4010';
  if (REFUSED.has(number)) return 'PS4002';
  if (TOO_BUSY.has(number) || UNREACHABLE.has(error.code ?? '')) return 'PS4001';
  if (TLS_CODES.test(error.code ?? '')) return 'PS4001';
  if (LOST_NUMBERS.has(number) || LOST.has(error.code ?? '') || error.fatal === true) return 'PS4009';
  return null;
}

function remedyOf(number: number): { remedy?: string } {
  if (number === 1148 || number === 3948 || number === 4166) {
    return { remedy: 'SET GLOBAL local_infile = ON; at the destination.' };
  }
  if (number === 1049)
    return { remedy: 'CREATE DATABASE `…`; at the destination, with the name that the message gives.' };
  return {};
}

function symbolOf(error: DriverError): string {
  const symbol = error.code ?? 'error';
  return error.errno === undefined || error.errno < 1000 ? symbol : `${symbol} (${error.errno})`;
}

export function isDriverError(error: unknown): error is DriverError {
  return error instanceof Error && ('errno' in error || 'code' in error || 'sqlMessage' in error);
}

/** Whether the server answered with this number. */
export function hasNumber(error: unknown, number: number): boolean {
  return isDriverError(error) && error.errno === number;
}
