import { inflateSync } from 'node:zlib';
import { PenstockError } from '../../../errors/penstock-error.ts';
import { EventBytes } from './event-bytes.ts';
import type { Checksum, EventHeader } from './event-header.ts';
import { EVENT } from './event-header.ts';

/** ROTATE: the log goes on in another file. */
export interface Rotation {
  readonly file: string;
  readonly position: number;
}

export function parseRotate(buffer: Buffer, header: EventHeader): Rotation {
  const bytes = new EventBytes(buffer, header.start, header.end, 'a rotation');
  const position = Number(bytes.u64());
  return { file: bytes.text(bytes.rest), position };
}

/** FORMAT_DESCRIPTION: how the events of a file are written. */
export interface FormatDescription {
  readonly serverVersion: string;
  /** When the file was begun, seconds since 1970. */
  readonly created: number;
  readonly checksum: Checksum;
  /** Bytes of the fixed part of events by type, from type 1 on. */
  readonly postHeaderLengths: Buffer;
}

const SERVER_VERSION_BYTES = 50;
const BINLOG_VERSION = 4;
const ALGORITHMS: readonly Checksum[] = ['none', 'crc32'];

/**
 * Ends with the algorithm (1) and a checksum (4), whatever the algorithm; every server since MySQL 5.6 and MariaDB 5.3 writes them.
 * Its header was read as one without a checksum, because it is the one that says which there is.
 */
export function parseFormatDescription(buffer: Buffer, header: EventHeader): FormatDescription {
  const end = header.start + header.length - 19;
  const bytes = new EventBytes(buffer, header.start, end, 'a format description');
  const version = bytes.unsigned(2);
  if (version !== BINLOG_VERSION) throw new PenstockError('PS2008', `the binlog is of version ${version}, not 4`);
  const serverVersion = bytes.text(SERVER_VERSION_BYTES, 'latin1').replace(/\0.*$/s, '');
  bytes.take(5); // a time that is 0 where reading begins behind the file's start, and the header's length
  const postHeaderLengths = bytes.bytes(bytes.rest - 5);
  const algorithm = bytes.u8();
  const checksum = ALGORITHMS[algorithm];
  if (checksum === undefined)
    throw new PenstockError('PS2008', `the binlog's checksum algorithm ${algorithm} is not known`);
  return { serverVersion, created: header.timestamp, checksum, postHeaderLengths: Buffer.from(postHeaderLengths) };
}

/** What a HEARTBEAT says: the server is alive, and stands here. Null: this one says no place. */
export function parseHeartbeat(buffer: Buffer, header: EventHeader): Rotation | null {
  const bytes = new EventBytes(buffer, header.start, header.end, 'a heartbeat');
  if (header.type === EVENT.heartbeat) return { file: bytes.text(bytes.rest), position: header.nextPosition };
  let file: string | null = null;
  let position: number | null = null;
  while (bytes.rest > 0) {
    const field = bytes.packed();
    if (field === 0) break;
    const value = bytes.part(bytes.packed());
    if (field === 1) file = value.text(value.rest);
    else if (field === 2) position = value.packed();
  }
  return file === null || position === null ? null : { file, position };
}

/** XA_PREPARE: a transaction in two phases was prepared, or one in one phase committed. */
export function parseXaPrepare(buffer: Buffer, header: EventHeader): { readonly onePhase: boolean } {
  return { onePhase: new EventBytes(buffer, header.start, header.end, 'an XA event').u8() !== 0 };
}

/** INCIDENT: the server lost events and says so; its message is its own. */
export function parseIncident(buffer: Buffer, header: EventHeader): string {
  const bytes = new EventBytes(buffer, header.start, header.end, 'an incident');
  const number = bytes.unsigned(2);
  return `${number} ${bytes.rest > 0 ? bytes.text(bytes.u8()) : ''}`.trim();
}

/** A transaction that was compressed as a whole. */
export interface TransactionPayload {
  readonly isCompressed: boolean;
  readonly payload: Buffer;
}

const PAYLOAD_FIELD = { end: 0, size: 1, compression: 2 } as const;
const COMPRESSION = { zstd: 0, none: 255 } as const;

export function parseTransactionPayload(buffer: Buffer, header: EventHeader): TransactionPayload {
  const bytes = new EventBytes(buffer, header.start, header.end, 'a compressed transaction');
  let size: number | null = null;
  let compression: number | null = null;
  for (let field = bytes.packed(); field !== PAYLOAD_FIELD.end; field = bytes.packed()) {
    const value = bytes.part(bytes.packed());
    if (field === PAYLOAD_FIELD.size) size = value.packed();
    else if (field === PAYLOAD_FIELD.compression) compression = value.packed();
  }
  if (size === null || (compression !== COMPRESSION.zstd && compression !== COMPRESSION.none)) {
    throw new PenstockError('PS2008', `a transaction is compressed in a way (${compression ?? '?'}) that is not known`);
  }
  return { isCompressed: compression === COMPRESSION.zstd, payload: bytes.bytes(size) };
}

/** max_allowed_packet has no greater value: nothing that was compressed was larger. */
const LARGEST_PLAIN = 2 ** 30;
/** Highest bit: it is compressed; the next three, zero: by zlib; the lowest three: bytes of the plain length, big-endian. */
const COMPRESSED_MASK = 0xf0;
const COMPRESSED_BY_ZLIB = 0x80;

/** What MariaDB's compressed events hold (sql/log_event.cc, binlog_buf_uncompress). */
export function uncompressed(compressed: Buffer): Buffer {
  const head = compressed[0] ?? 0;
  const lengthBytes = head & 0x07;
  if ((head & COMPRESSED_MASK) !== COMPRESSED_BY_ZLIB || lengthBytes < 1 || lengthBytes > 4 || compressed.length < 5) {
    throw new PenstockError('PS2008', 'a compressed event begins in a way that is not known');
  }
  const length = compressed.readUIntBE(1, lengthBytes);
  if (length > LARGEST_PLAIN) throw new PenstockError('PS2008', `a compressed event would have ${length} bytes`);
  try {
    const plain = inflateSync(compressed.subarray(1 + lengthBytes), { maxOutputLength: Math.max(1, length) });
    if (plain.length === length) return plain;
  } catch (cause) {
    throw new PenstockError('PS2008', 'a compressed event cannot be uncompressed', { cause });
  }
  throw new PenstockError('PS2008', `a compressed event does not have the ${length} bytes that it says`);
}
