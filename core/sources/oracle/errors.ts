import type { ErrorCode } from '../../errors/codes.ts';
import { beforeWork, translatedError, type JudgedError } from '../translated-error.ts';

/** What the driver's errors carry. */
interface DriverError {
  /** The server's number (1291 for ORA-01291); null for errors of the driver and the socket. */
  readonly number: number | null;
  /** `ORA-01291`, `NJS-503`, `ECONNREFUSED`. */
  readonly code: string | null;
  readonly message: string;
}

function all(code: ErrorCode, ...numbers: readonly number[]): (readonly [number, ErrorCode])[] {
  return numbers.map((number) => [number, code]);
}

/** Numbers of the server (Oracle Database Error Messages). */
const BY_NUMBER: ReadonlyMap<number, ErrorCode> = new Map([
  // Starting, shutting down, not open, waiting for room to archive its logs, restricted, too many processes or sessions; what listeners say.
  ...all(
    'PS2002',
    257,
    1033,
    1034,
    1035,
    1089,
    1109,
    1219,
    18,
    20,
    12505,
    12514,
    12516,
    12518,
    12519,
    12520,
    12521,
    12526,
    12528,
  ),
  ...all('PS2002', 12537, 12541, 12543, 12545, 12170, 12154, 65012, 65024),
  // Password, account locked, no right to log in, expired, no more sessions of this user, wrong verifier.
  ...all('PS2003', 1005, 1017, 1045, 28000, 28001, 28002, 28003, 2391, 1040),
  // Rights; 942 and 6550 (of a package) are also what is told of what may not be seen.
  ...all('PS2004', 1031, 1039, 1720, 2030, 41900, 6550),
  ...all('PS1005', 942),
  ...all('PS1006', 904),
  // No ARCHIVELOG, no supplemental logging, a dictionary that does not fit; logs cannot be added in a pluggable database.
  ...all('PS2005', 258, 1126, 1293, 1294, 1295, 1323, 1325, 1327, 1330, 1331, 1346, 1354, 28040, 32017, 44609, 65040),
  // A log that is missing or cannot be opened; one of another incarnation.
  ...all('PS2006', 1284, 1287, 1291, 308, 309, 367, 19563),
  // The undo that a flashback needs is gone, or the table was altered behind it; the object was moved away.
  ...all('PS2012', 1555, 8180, 8181, 1466, 8103, 22924, 30052),
  // Killed, out of memory or space, deadlock, failover, a log that was written over while it was read, a snapshot of the dictionary that passes.
  ...all(
    'PS2010',
    28,
    31,
    60,
    310,
    600,
    602,
    603,
    604,
    609,
    1012,
    1013,
    1041,
    1043,
    1092,
    1652,
    2396,
    3113,
    3114,
    3122,
    3135,
  ),
  ...all(
    'PS2010',
    3136,
    12571,
    12609,
    4020,
    4021,
    4030,
    4031,
    7445,
    12153,
    12547,
    12570,
    12583,
    25401,
    25402,
    25408,
    27146,
    54,
    1280,
    // A row that a distributed transaction in doubt holds; no parallel server on some instance of a cluster, which GV$ views need.
    1591,
    12850,
  ),
]);

/** Messages of these can hold values: conversions, constraints, formats. */
const WITH_DATA = new Set([1, 1401, 1438, 1722, 1830, 1839, 1843, 1847, 1858, 1861, 12899, 1461, 6502, 31011, 40441]);

const CODE_DIGITS = 3;

/** Of the driver: what could not be connected to, what was refused, what was lost (the comments of its errors.js). */
const BY_DRIVER_CODE: ReadonlyMap<string, ErrorCode> = new Map([
  // Not established, a proxy, TLS, names in certificates, timed out, refused by the listener, no such service or SID, no such host.
  ...[503, 504, 505, 506, 507, 508, 510, 511, 518, 519, 530, 536].map(driverCode('PS2002')),
  // Closed, lost, an answer cut off, a message by the side, used after its end.
  ...[500, 501, 509, 513, 521, 3].map(driverCode('PS2010')),
  // Before 12.1; a password of the oldest kind; the server wants encryption of its own kind.
  ...[138, 116, 533].map(driverCode('PS2005')),
]);

function driverCode(code: ErrorCode): (number: number) => readonly [string, ErrorCode] {
  return (number) => [`NJS-${number.toString().padStart(CODE_DIGITS, '0')}`, code];
}

/** What mends it, where the code's own remedy does not say it. */
const REMEDIES: Readonly<Record<string, string>> = {
  'ORA-00257':
    'The server has no room to archive its logs, and lets nobody else in: free some (RMAN: DELETE ARCHIVELOG …), or raise DB_RECOVERY_FILE_DEST_SIZE.',
  'ORA-28040':
    "The server takes no login as this driver makes it: let SQLNET.ALLOWED_LOGON_VERSION_SERVER be 12 at most, and set the user's password anew.",
  'ORA-01031': 'Run `penstock check`: it prints the GRANT that is missing.',
  'ORA-06550':
    'GRANT EXECUTE ON SYS.DBMS_LOGMNR to the user (and on SYS.DBMS_LOGMNR_D for extract type remoteLogMiner).',
  'ORA-01284':
    'The file was removed from the disk. Restore it from a backup and take it in with ALTER DATABASE REGISTER LOGFILE; else run a full extract.',
  'ORA-01555':
    'Nothing to do: the copy goes on with a new snapshot. If it comes again: ALTER SYSTEM SET UNDO_RETENTION to the seconds that the longest chunk takes, with an undo tablespace that can grow.',
  'ORA-01591':
    'A distributed transaction that changed the row is in doubt. Look at DBA_2PC_PENDING; COMMIT FORCE or ROLLBACK FORCE ends it as its coordinator decided.',
  'ORA-65040': 'Give source.rootDatabase: logs cannot be added inside a pluggable database.',
  'ORA-12514': 'source.database is a service name that the listener does not know; write `:SID` for an SID.',
  'ORA-12505': 'source.database is an SID that the listener does not know; without the colon it is a service name.',
  'NJS-518': 'source.database is a service name that the listener does not know; write `:SID` for an SID.',
  'NJS-519': 'source.database is an SID that the listener does not know; without the colon it is a service name.',
  'NJS-138': 'Upgrade to Oracle Database 12.1 or newer.',
  'NJS-116':
    "Set the user's password anew: ALTER USER … IDENTIFIED BY …; the server keeps it in a form that is too old.",
  'NJS-533':
    'The server insists on Native Network Encryption, which is not spoken here. Let it accept unencrypted connections of this machine, or use TLS (source.tls).',
};

const AUTHORITY =
  'Set source.tls.ca to a PEM file with the authority of the server. Where the port does not speak TLS: source.tls.mode off, or the port that does (mostly 2484).';
const FULL = 'The server takes no more connections now: raise its PROCESSES and SESSIONS, or let other sessions end.';
const STARTING =
  'The instance is starting, or restricted to its administrators: ALTER SYSTEM DISABLE RESTRICTED SESSION.';
const OTHER_SERVER =
  'What answers at this port is no listener of Oracle, or speaks TLS (source.tls.mode: verify), or does not let this machine in: look at host, port and the listener.';
const SILENT =
  'What is at this port took the connection and did not answer in time: a server that hangs, one that speaks TLS (source.tls.mode: verify), or none of Oracle.';
const OTHER_NAME =
  "The server's certificate is of another name than source.host: correct the host, or name what it has in options.sslServerCertDN.";

/** What mends a login that failed; those that the message mentions count before its own code. */
const LOGIN_REMEDIES: Readonly<Record<string, string>> = {
  'NJS-501': OTHER_SERVER,
  'NJS-505': AUTHORITY,
  'NJS-506': AUTHORITY,
  'NJS-507': OTHER_NAME,
  'NJS-508': OTHER_NAME,
  'NJS-510': SILENT,
  'NJS-521': OTHER_SERVER,
  'NJS-530': 'Correct source.host: no address is known for it.',
  'ORA-12516': FULL,
  'ORA-12518': FULL,
  'ORA-12519': FULL,
  'ORA-12520': FULL,
  'ORA-12526': STARTING,
  'ORA-12528': STARTING,
};

function codeOf({ number, code }: DriverError): ErrorCode {
  const known = number === null ? undefined : BY_NUMBER.get(number);
  if (known !== undefined) return known;
  return (code === null ? undefined : BY_DRIVER_CODE.get(code)) ?? 'PS2009';
}

/**
 * An error of the driver as ours. `doing` says what was tried: `read SHOP.ORDERS`.
 * A server's message is kept for faults of statements and set-up; those that can hold a value are left out.
 */
export function sourceError(error: unknown, doing: string, table: string | null = null): Error {
  return translatedError(error, doing, table, judged);
}

/**
 * As {@link sourceError}; before anything runs on a connection, one that is lost was not there, and what the driver does not understand was said by
 * something else than a server of Oracle.
 */
export function connectionError(error: unknown, doing: string): Error {
  return translatedError(error, doing, null, (thrown) => {
    const work = beforeWork(judged(thrown));
    const { number, code, message } = driverError(thrown);
    const isUnknown = work.code === 'PS2009' && number === null && code !== null;
    const mentioned = [...message.matchAll(/\b(?:ORA|NJS)-\d+/g)].map(([name]) => name).reverse();
    const named = [...mentioned, code ?? ''].find((name) => Object.hasOwn(LOGIN_REMEDIES, name));
    return {
      ...work,
      code: isUnknown ? 'PS2002' : work.code,
      remedy: work.remedy ?? (named === undefined ? (isUnknown ? OTHER_SERVER : undefined) : LOGIN_REMEDIES[named]),
    };
  });
}

function judged(error: unknown): JudgedError {
  const driver = driverError(error);
  const holdsValue = driver.number !== null && WITH_DATA.has(driver.number);
  const remedy = driver.code !== null && Object.hasOwn(REMEDIES, driver.code) ? REMEDIES[driver.code] : undefined;
  const said = holdsValue ? serverCode(driver.number) : driver.message;
  return { code: codeOf(driver), said, holdsValue, remedy };
}

const NUMBER_DIGITS = 5;

function serverCode(number: number): string {
  return `ORA-${number.toString().padStart(NUMBER_DIGITS, '0')}`;
}

/** What is told of something that the user may not use, or may not even see. */
const REFUSALS = new Set([942, 1031, 1039, 1720, 2030, 6550, 41900]);

/** Whether the server refused because the user lacks a right. */
export function isRefused(error: unknown): boolean {
  const number = serverErrorNumber(error);
  return number !== null && REFUSALS.has(number);
}

/** The server's error number, null where there is none. */
export function serverErrorNumber(error: unknown): number | null {
  return driverError(error).number;
}

function driverError(error: unknown): DriverError {
  if (!(error instanceof Error)) return { number: null, code: null, message: String(error) };
  const given = 'errorNum' in error && typeof error.errorNum === 'number' ? error.errorNum : 0;
  const number = given === 0 ? null : given;
  const named = 'code' in error && typeof error.code === 'string' ? error.code : null;
  // One line: the others are the call stack of PL/SQL, or a link to the driver's help.
  const [message = ''] = error.message.split('\nHelp:');
  return { number, code: number === null ? named : serverCode(number), message: message.replaceAll('\n', ' ').trim() };
}
