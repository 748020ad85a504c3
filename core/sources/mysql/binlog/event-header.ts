import { crc32 } from 'node:zlib';
import { PenstockError } from '../../../errors/penstock-error.ts';

/** Type codes of binlog events (MySQL libs/mysql/binlog/event/binlog_event.h; from 160 on MariaDB sql/log_event.h). */
export const EVENT = {
  query: 2,
  stop: 3,
  rotate: 4,
  formatDescription: 15,
  xid: 16,
  tableMap: 19,
  writeRowsV1: 23,
  updateRowsV1: 24,
  deleteRowsV1: 25,
  incident: 26,
  heartbeat: 27,
  rowsQuery: 29,
  writeRows: 30,
  updateRows: 31,
  deleteRows: 32,
  gtid: 33,
  anonymousGtid: 34,
  previousGtids: 35,
  xaPrepare: 38,
  partialUpdateRows: 39,
  transactionPayload: 40,
  heartbeatV2: 41,
  gtidTagged: 42,
  annotateRows: 160,
  binlogCheckpoint: 161,
  mariaDbGtid: 162,
  mariaDbGtidList: 163,
  startEncryption: 164,
  queryCompressed: 165,
  writeRowsCompressedV1: 166,
  updateRowsCompressedV1: 167,
  deleteRowsCompressedV1: 168,
  writeRowsCompressed: 169,
  updateRowsCompressed: 170,
  deleteRowsCompressed: 171,
} as const;

/** timestamp (4), type (1), server id (4), length (4), next position (4), flags (2). */
export const HEADER_BYTES = 19;
const CHECKSUM_BYTES = 4;

const FLAG_IN_USE = 0x01;
const FLAG_ARTIFICIAL = 0x20;
const FLAG_IGNORABLE = 0x80;

/** One event in a buffer that holds more. */
export interface EventHeader {
  /** Seconds since 1970; 0 for events that the server makes up while it sends. */
  readonly timestamp: number;
  readonly type: number;
  readonly serverId: number;
  /** The event's bytes, checksum included. */
  readonly length: number;
  /** Where the next event begins, its low 32 bits; 0: this event stands in no file. */
  readonly nextPosition: number;
  /** The server made it up while it sent. */
  readonly isArtificial: boolean;
  /** Whoever does not know its type may pass over it. */
  readonly isIgnorable: boolean;
  /** Its body lies from here… */
  readonly start: number;
  /** …to here, without the checksum. */
  readonly end: number;
}

export type Checksum = 'none' | 'crc32';

/**
 * An event that lies in `buffer` from `start` to `end`, its checksum verified.
 * @throws PenstockError PS2008 where its length or its checksum is wrong
 */
export function readHeader(buffer: Buffer, start: number, end: number, checksum: Checksum): EventHeader {
  const trailing = checksum === 'crc32' ? CHECKSUM_BYTES : 0;
  const length = end - start < HEADER_BYTES ? 0 : buffer.readUInt32LE(start + 9);
  if (length !== end - start || length < HEADER_BYTES + trailing) {
    throw new PenstockError('PS2008', `an event of the binlog came as ${end - start} bytes and says ${length}`);
  }
  const flags = buffer.readUInt16LE(start + 17);
  const type = buffer[start + 4] ?? 0;
  if (checksum === 'crc32') verify(buffer, start, end - CHECKSUM_BYTES, type, flags);
  return {
    timestamp: buffer.readUInt32LE(start),
    type,
    serverId: buffer.readUInt32LE(start + 5),
    length,
    nextPosition: buffer.readUInt32LE(start + 13),
    isArtificial: (flags & FLAG_ARTIFICIAL) !== 0,
    isIgnorable: (flags & FLAG_IGNORABLE) !== 0,
    start: start + HEADER_BYTES,
    end: end - trailing,
  };
}

/** The checksum of a format description that is still written to was made while it was not yet marked so. */
function verify(buffer: Buffer, start: number, end: number, type: number, flags: number): void {
  const stated = buffer.readUInt32LE(end);
  if (crc32(buffer.subarray(start, end)) === stated) return;
  if (type === EVENT.formatDescription && (flags & FLAG_IN_USE) !== 0) {
    const unmarked = Buffer.from(buffer.subarray(start, end));
    unmarked.writeUInt16LE(flags & ~FLAG_IN_USE, HEADER_BYTES - 2);
    if (crc32(unmarked) === stated) return;
  }
  throw new PenstockError('PS2008', `the checksum of an event of type ${type} is wrong: the binlog is damaged`);
}
