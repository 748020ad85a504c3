import { timestampFromMicroseconds, type Timestamp } from '../../../changes/timestamp.ts';
import { EventBytes } from './event-bytes.ts';
import { EVENT, type EventHeader } from './event-header.ts';

/** The event that begins a transaction, or a statement that is one by itself. */
export interface TransactionStart {
  /** When it was committed: MySQL 8 says it in microseconds, others in seconds. */
  readonly at: Timestamp;
  /** As the server writes it; null: anonymous, or of a form that is not read here (tagged). */
  readonly gtid: string | null;
  /** MariaDB: nothing ends it; it is the one event that follows. MySQL does not say it. */
  readonly isStandalone: boolean;
  /** MariaDB: a transaction in two phases that was only prepared. */
  readonly isPrepared: boolean;
}

const MICROSECONDS = 1_000_000n;
const LOGICAL_CLOCK = 2;
const UUID_BYTES = 16;
/** Two bits of the first timestamp's 56 are no part of it: another one follows. */
const OTHER_TIME_FOLLOWS = 1n << 55n;

/** GTID, ANONYMOUS_GTID and GTID_TAGGED of MySQL; GTID of MariaDB. */
export function parseTransactionStart(buffer: Buffer, header: EventHeader): TransactionStart {
  if (header.type === EVENT.mariaDbGtid) return parseMariaDbGtid(buffer, header);
  const plain = { at: secondsAt(header), gtid: null, isStandalone: false, isPrepared: false };
  if (header.type === EVENT.gtidTagged) return plain;
  const bytes = new EventBytes(buffer, header.start, header.end, 'a GTID');
  bytes.take(1); // flags
  const uuid = bytes.bytes(UUID_BYTES).toString('hex');
  const number = bytes.u64();
  const gtid = header.type === EVENT.gtid ? `${dashed(uuid)}:${number}` : null;
  return { ...plain, gtid, at: commitTime(bytes) ?? plain.at };
}

/** Behind type, last committed and sequence number (17 bytes) stands, since MySQL 8.0.1, the time of the commit in 7 bytes. */
function commitTime(bytes: EventBytes): Timestamp | null {
  if (bytes.rest < 17 + 7 || bytes.u8() !== LOGICAL_CLOCK) return null;
  bytes.take(16);
  const low = BigInt(bytes.unsigned(4));
  const stated = (BigInt(bytes.unsigned(3)) << 32n) | low;
  return timestampFromMicroseconds(stated & ~OTHER_TIME_FOLLOWS);
}

const FLAG_STANDALONE = 0x01;
const FLAG_PREPARED = 0x40;

function parseMariaDbGtid(buffer: Buffer, header: EventHeader): TransactionStart {
  const bytes = new EventBytes(buffer, header.start, header.end, 'a GTID');
  const sequence = bytes.u64();
  const domain = bytes.unsigned(4);
  const flags = bytes.u8();
  return {
    at: secondsAt(header),
    gtid: `${domain}-${header.serverId}-${sequence}`,
    isStandalone: (flags & FLAG_STANDALONE) !== 0,
    isPrepared: (flags & FLAG_PREPARED) !== 0,
  };
}

/** The time that every event's header says. */
export function secondsAt(header: EventHeader): Timestamp {
  return timestampFromMicroseconds(BigInt(header.timestamp) * MICROSECONDS);
}

function dashed(uuid: string): string {
  return [uuid.slice(0, 8), uuid.slice(8, 12), uuid.slice(12, 16), uuid.slice(16, 20), uuid.slice(20)].join('-');
}
