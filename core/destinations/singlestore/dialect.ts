/**
 * The few places where SingleStore and its stand-ins differ. Which one it is, is asked from the server.
 * The texts for `singlestore` were never run on a SingleStore: see docs/destination.md.
 */
export interface Dialect {
  readonly name: 'singlestore' | 'mariadb' | 'mysql';
  readonly version: string;
  /** Binary and without padding, so that 'a', 'A' and 'a ' are three keys, as they are at the source. */
  readonly textCollation: string;
  /** For hashes and tags. SingleStore knows no ascii. */
  readonly asciiText: string;
  /** Joins in the written order where the server lets us say so: staging rows first, then look-ups by key. */
  readonly orderedJoin: 'STRAIGHT_JOIN' | 'JOIN';
  /** Statements for every new connection. */
  readonly session: readonly string[];
  /** Digits that a DATETIME or TIME keeps when the type has `fraction` digits. */
  readonly storedFraction: (fraction: number) => number;
}

const STRICT = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

/** Longer than any key: the order of row digests must not depend on a cut sort key. */
const SORT_BYTES = 8192;

const MYSQL_SESSION = [
  'SET NAMES utf8mb4',
  `SET SESSION sql_mode = '${STRICT}', time_zone = '+00:00', autocommit = 1, max_sort_length = ${SORT_BYTES}`,
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
];

/** `memsqlVersion`: the answer to {@link SINGLESTORE_PROBE}, null where the server does not know the variable. */
export function dialectOf(version: string, memsqlVersion: string | null): Dialect {
  if (memsqlVersion !== null) {
    return {
      name: 'singlestore',
      version: memsqlVersion,
      textCollation: 'utf8mb4_bin',
      asciiText: 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      orderedJoin: 'JOIN',
      // READ COMMITTED is its only isolation level; its DATETIME knows no zone.
      session: ['SET NAMES utf8mb4', "SET SESSION sql_mode = 'STRICT_ALL_TABLES'", 'SET SESSION autocommit = 1'],
      storedFraction: (fraction) => (fraction === 0 ? 0 : 6),
    };
  }
  const isMariaDb = version.includes('MariaDB');
  return {
    name: isMariaDb ? 'mariadb' : 'mysql',
    version,
    textCollation: isMariaDb ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin',
    asciiText: 'CHARACTER SET ascii COLLATE ascii_bin',
    orderedJoin: 'STRAIGHT_JOIN',
    session: MYSQL_SESSION,
    storedFraction: (fraction) => fraction,
  };
}

export const SINGLESTORE_PROBE = 'SELECT @@memsql_version AS version';
