import { EventBytes } from './event-bytes.ts';
import { EVENT, type EventHeader } from './event-header.ts';
import { uncompressed } from './events.ts';

/** QUERY: a statement that the server logged as its text: all DDL, and what begins and ends transactions. */
export interface QueryEvent {
  /** The session's current database. */
  readonly schema: string;
  /** The statement's bytes, in the character set of `clientCollation`. */
  readonly text: Buffer;
  /** Bits of the session's sql_mode; null: not said. */
  readonly sqlMode: bigint | null;
  /** Id of the collation of the session's character_set_client; null: not said. */
  readonly clientCollation: number | null;
  /** MariaDB's ALTER TABLE in two phases (binlog_alter_two_phase) is in the log at its start and at its end. */
  readonly alterPhase: 'start' | 'rollback' | null;
}

/** Bits of sql_mode that are the same in MySQL and MariaDB (sql/system_variables.h, sql/sql_class.h). */
export const SQL_MODE = {
  ansiQuotes: 1n << 2n,
  noBackslashEscapes: 1n << 20n,
  strictTransactional: 1n << 21n,
  strictAll: 1n << 22n,
} as const;

export function parseQuery(buffer: Buffer, header: EventHeader): QueryEvent {
  const bytes = new EventBytes(buffer, header.start, header.end, 'a statement');
  bytes.take(8); // thread id, execution time
  const schemaBytes = bytes.u8();
  bytes.take(2); // error code
  const variables = readVariables(bytes.part(bytes.unsigned(2)));
  const schema = bytes.text(schemaBytes);
  bytes.take(1);
  const stated = bytes.bytes(bytes.rest);
  const text = header.type === EVENT.queryCompressed ? uncompressed(stated) : stated;
  return { schema, text, ...variables };
}

/** Codes of the status variables, with the bytes that follow those of fixed length. */
const VARIABLE = { sqlMode: 1, charset: 4, alterPhase: 130, collations: 131 } as const;
const FIXED_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 4], // flags
  [3, 4], // auto_increment
  [7, 2], // lc_time_names
  [8, 2], // collation_database
  [9, 8], // tables for update
  [10, 4], // bytes written
  [13, 3], // microseconds
  [16, 1], // explicit_defaults_for_timestamp
  [17, 8], // transaction id of a DDL
  [18, 2], // default collation of utf8mb4
  [19, 1], // sql_require_primary_key
  [20, 1], // default table encryption
  [128, 3], // MariaDB: microseconds
  [129, 8], // MariaDB: transaction id
]);
const ALTER_START = 2;
const ALTER_COMMIT = 4;
const ALTER_ROLLBACK = 8;

/** A code that is not known ends them, as it does in the servers: they stand in the order in which they were invented, but for one. */
function readVariables(bytes: EventBytes): Pick<QueryEvent, 'sqlMode' | 'clientCollation' | 'alterPhase'> {
  const found: { sqlMode: bigint | null; clientCollation: number | null; alterPhase: QueryEvent['alterPhase'] } = {
    sqlMode: null,
    clientCollation: null,
    alterPhase: null,
  };
  while (bytes.rest > 0) {
    const code = bytes.u8();
    const fixed = FIXED_BYTES.get(code);
    if (fixed !== undefined) bytes.take(fixed);
    else if (code === VARIABLE.sqlMode) found.sqlMode = bytes.u64();
    else if (code === VARIABLE.charset) {
      found.clientCollation = bytes.unsigned(2);
      bytes.take(4);
    } else if (code === VARIABLE.alterPhase) found.alterPhase = readAlterPhase(bytes);
    else if (!skipText(code, bytes)) break;
  }
  return found;
}

function readAlterPhase(bytes: EventBytes): QueryEvent['alterPhase'] {
  const flags = bytes.u8();
  if ((flags & (ALTER_COMMIT | ALTER_ROLLBACK)) !== 0) bytes.take(8);
  if ((flags & ALTER_ROLLBACK) !== 0) return 'rollback';
  return (flags & ALTER_START) !== 0 ? 'start' : null;
}

const TOO_MANY_SCHEMAS = 254;

/** Variables with texts. @returns false for one that is not known */
function skipText(code: number, bytes: EventBytes): boolean {
  switch (code) {
    case 2: // catalog, with a zero behind it
      bytes.take(bytes.u8() + 1);
      return true;
    case 5: // time zone
    case 6: // catalog
      bytes.take(bytes.u8());
      return true;
    case 11: // user and host
      bytes.take(bytes.u8());
      bytes.take(bytes.u8());
      return true;
    case 12: // databases, each with a zero behind it
      skipNames(bytes);
      return true;
    case VARIABLE.collations:
      bytes.take(4 * bytes.u8());
      return true;
    default:
      return false;
  }
}

function skipNames(bytes: EventBytes): void {
  const count = bytes.u8();
  if (count === TOO_MANY_SCHEMAS) return;
  for (let index = 0; index < count; index++) {
    while (bytes.u8() !== 0);
  }
}
