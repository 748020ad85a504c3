import { inflateRawSync, inflateSync } from 'node:zlib';
import { PenstockError } from '../../../errors/penstock-error.ts';
import {
  date3Text,
  datetime2Text,
  oldDatetimeText,
  oldTimeText,
  time2Text,
  timestamp2Text,
  timestampText,
} from './calendar-text.ts';
import type { TextDecoder } from './charset.ts';
import { decimalBytes, decimalText } from './decimal-text.ts';
import { doubleText } from './double-text.ts';
import { jsonText } from './json-binary.ts';
import { COLUMN_TYPE } from '../binlog/mapped-column.ts';
import { inet4Text, inet6Text, uuidText } from './network-text.ts';
import type { RowCursor } from './row-cursor.ts';
import { fixedBytes, lengthBytesOf } from './value-extent.ts';

/** Reads a value that is not NULL at the cursor, and moves the cursor behind it. @returns its output text (types.ts) */
export type ValueReader = (cursor: RowCursor) => string;

/** What is to be known of a column to read its values. */
export interface LoggedType {
  /** Of COLUMN_TYPE, and its metadata, see mapped-column.ts. */
  readonly type: number;
  readonly metadata: number;
  readonly unsigned: boolean;
  /** For texts; null: bytes, printed in hexadecimal. */
  readonly decoder: TextDecoder | null;
  /** Of an ENUM or SET, as texts. */
  readonly labels: readonly string[];
  /** What MariaDB writes as a fixed string of bytes. */
  readonly network: 'uuid' | 'swapped uuid' | 'inet4' | 'inet6' | null;
}

/**
 * How values of a column are read. `where` names table and column, for messages.
 * @throws PenstockError PS2008 for a type whose form in the log is not known
 */
export function valueReader(logged: LoggedType, where: string): ValueReader {
  const { type, metadata } = logged;
  return (
    integerReader(type, logged.unsigned) ??
    calendarReader(type, metadata) ??
    numberReader(type, metadata, where) ??
    labelReader(logged, where) ??
    stringReader(logged, where) ??
    refuse(type, where)
  );
}

function refuse(type: number, where: string): never {
  throw new PenstockError('PS2008', `${where} is of type ${type} in the log, whose form is not known`);
}

const HIGH_UNIT = 2 ** 32;
/** Within ±2^53 numbers are exact. */
const EXACT_HIGH = 2 ** 21;

function integerReader(type: number, unsigned: boolean): ValueReader | null {
  switch (type) {
    case COLUMN_TYPE.tiny:
      return unsigned
        ? (cursor) => String(cursor.buffer.readUInt8(cursor.offset++))
        : (cursor) => String(cursor.buffer.readInt8(cursor.offset++));
    case COLUMN_TYPE.short:
      return unsigned
        ? (cursor) => String(cursor.buffer.readUInt16LE((cursor.offset += 2) - 2))
        : (cursor) => String(cursor.buffer.readInt16LE((cursor.offset += 2) - 2));
    case COLUMN_TYPE.int24:
      return unsigned
        ? (cursor) => String(cursor.buffer.readUIntLE((cursor.offset += 3) - 3, 3))
        : (cursor) => String(cursor.buffer.readIntLE((cursor.offset += 3) - 3, 3));
    case COLUMN_TYPE.long:
      return unsigned
        ? (cursor) => String(cursor.buffer.readUInt32LE((cursor.offset += 4) - 4))
        : (cursor) => String(cursor.buffer.readInt32LE((cursor.offset += 4) - 4));
    case COLUMN_TYPE.longlong:
      return unsigned ? unsigned64 : signed64;
    default:
      return null;
  }
}

function unsigned64(cursor: RowCursor): string {
  const at = cursor.offset;
  cursor.offset = at + 8;
  const high = cursor.buffer.readUInt32LE(at + 4);
  if (high < EXACT_HIGH) return String(high * HIGH_UNIT + cursor.buffer.readUInt32LE(at));
  return String(cursor.buffer.readBigUInt64LE(at));
}

function signed64(cursor: RowCursor): string {
  const at = cursor.offset;
  cursor.offset = at + 8;
  const high = cursor.buffer.readInt32LE(at + 4);
  if (high < EXACT_HIGH && high >= -EXACT_HIGH) return String(high * HIGH_UNIT + cursor.buffer.readUInt32LE(at));
  return String(cursor.buffer.readBigInt64LE(at));
}

const YEAR_ZERO = 1900;

/** A value of so many bytes. */
function fixed(bytes: number, read: (buffer: Buffer, at: number) => string): ValueReader {
  return (cursor) => {
    const at = cursor.offset;
    cursor.offset = at + bytes;
    return read(cursor.buffer, at);
  };
}

function calendarReader(type: number, digits: number): ValueReader | null {
  const print = calendarText(type, digits);
  const bytes = fixedBytes(type, digits);
  return print === null || bytes === null ? null : fixed(bytes, print);
}

function calendarText(type: number, digits: number): ((buffer: Buffer, at: number) => string) | null {
  switch (type) {
    case COLUMN_TYPE.date:
    case COLUMN_TYPE.newDate:
      return date3Text;
    case COLUMN_TYPE.time2:
      return (buffer, at) => time2Text(buffer, at, digits);
    case COLUMN_TYPE.datetime2:
      return (buffer, at) => datetime2Text(buffer, at, digits);
    case COLUMN_TYPE.timestamp2:
      return (buffer, at) => timestamp2Text(buffer, at, digits);
    case COLUMN_TYPE.time:
      return oldTimeText;
    case COLUMN_TYPE.datetime:
      return oldDatetimeText;
    case COLUMN_TYPE.timestamp:
      return (buffer, at) => timestampText(buffer.readUInt32LE(at));
    case COLUMN_TYPE.year:
      return (buffer, at) => {
        const year = buffer.readUInt8(at);
        return year === 0 ? '0' : String(YEAR_ZERO + year);
      };
    default:
      return null;
  }
}

const LONGEST_BIT = 8;

function numberReader(type: number, metadata: number, where: string): ValueReader | null {
  switch (type) {
    case COLUMN_TYPE.float:
      if (metadata !== 4) return refuse(type, where);
      return fixed(4, (buffer, at) => doubleText(buffer.readFloatLE(at)));
    case COLUMN_TYPE.double:
      if (metadata !== 8) return refuse(type, where);
      return fixed(8, (buffer, at) => doubleText(buffer.readDoubleLE(at)));
    case COLUMN_TYPE.newDecimal: {
      const precision = metadata >> 8;
      const scale = metadata & 0xff;
      return fixed(decimalBytes(precision, scale), (buffer, at) => decimalText(buffer, at, precision, scale));
    }
    case COLUMN_TYPE.bit: {
      const bytes = (metadata + 7) >> 3;
      if (bytes < 1 || bytes > LONGEST_BIT) return refuse(type, where);
      return fixed(bytes, (buffer, at) => bitText(buffer, at, bytes));
    }
    default:
      return null;
  }
}

function bitText(buffer: Buffer, at: number, bytes: number): string {
  if (bytes <= 6) return String(buffer.readUIntBE(at, bytes));
  return BigInt(`0x${buffer.toString('hex', at, at + bytes)}`).toString();
}

function labelReader({ type, metadata, labels }: LoggedType, where: string): ValueReader | null {
  const lost = (): never => {
    throw new PenstockError('PS2008', `${where} has a value that is none of the type's ${labels.length} labels`);
  };
  if (type === COLUMN_TYPE.enum) {
    return fixed(metadata, (buffer, at) => {
      const index = buffer.readUIntLE(at, metadata);
      // 0 is what a value became that was none of the labels.
      return index === 0 ? '' : (labels[index - 1] ?? lost());
    });
  }
  if (type !== COLUMN_TYPE.set) return null;
  return fixed(metadata, (buffer, at) => {
    const chosen: string[] = [];
    for (let index = 0; index < 8 * metadata; index++) {
      if ((((buffer[at + (index >> 3)] ?? 0) >> (index & 7)) & 1) === 1) chosen.push(labels[index] ?? lost());
    }
    return chosen.join(',');
  });
}

function stringReader(logged: LoggedType, where: string): ValueReader | null {
  const { type, metadata, decoder } = logged;
  const lengthBytes = lengthBytesOf(type, metadata);
  if (lengthBytes === null) return null;
  const print = decoder ?? hexText;
  switch (type) {
    case COLUMN_TYPE.string:
      return fixedString(logged, lengthBytes);
    case COLUMN_TYPE.varcharCompressed:
    case COLUMN_TYPE.blobCompressed:
      return prefixed(lengthBytes, decompressing(print, where));
    case COLUMN_TYPE.geometry:
    case COLUMN_TYPE.vector:
      return prefixed(lengthBytes, hexText);
    case COLUMN_TYPE.json:
      return prefixed(lengthBytes, jsonText);
    default:
      return prefixed(lengthBytes, print);
  }
}

function hexText(buffer: Buffer, start: number, end: number): string {
  return buffer.toString('hex', start, end);
}

/** CHAR comes without its spaces, as results have it; BINARY without its zeros, which results have. */
function fixedString({ metadata, decoder, network }: LoggedType, lengthBytes: number): ValueReader {
  if (network !== null) return networkReader(network, metadata, lengthBytes);
  if (decoder !== null) return prefixed(lengthBytes, decoder);
  return prefixed(lengthBytes, (buffer, start, end) => hexText(buffer, start, end).padEnd(2 * metadata, '0'));
}

function networkReader(network: NonNullable<LoggedType['network']>, bytes: number, lengthBytes: number): ValueReader {
  const whole = Buffer.alloc(bytes);
  return prefixed(lengthBytes, (buffer, start, end) => {
    whole.fill(0);
    buffer.copy(whole, 0, start, end);
    switch (network) {
      case 'uuid':
        return uuidText(whole, 0, false);
      case 'swapped uuid':
        return uuidText(whole, 0, true);
      case 'inet4':
        return inet4Text(whole, 0);
      case 'inet6':
        return inet6Text(whole, 0);
    }
  });
}

function prefixed(lengthBytes: number, print: TextDecoder): ValueReader {
  if (lengthBytes === 1) {
    return (cursor) => {
      const start = cursor.offset + 1;
      const end = start + cursor.buffer.readUInt8(cursor.offset);
      cursor.offset = end;
      return print(cursor.buffer, start, end);
    };
  }
  return (cursor) => {
    const start = cursor.offset + lengthBytes;
    const end = start + cursor.buffer.readUIntLE(cursor.offset, lengthBytes);
    cursor.offset = end;
    return print(cursor.buffer, start, end);
  };
}

const COMPRESSED_BY_ZLIB = 8;
const WITHOUT_HEADER = 0x08;

/**
 * MariaDB's COMPRESSED columns (sql/field_comp.cc): nothing for an empty value; else a byte of 0 and the value, or the method (high four
 * bits), a bit for a stream without zlib's header, the bytes of the plain length, that length, and the stream.
 */
function decompressing(print: TextDecoder, where: string): TextDecoder {
  return (buffer, start, end) => {
    if (start === end) return print(buffer, start, end);
    const head = buffer.readUInt8(start);
    if (head === 0) return print(buffer, start + 1, end);
    const lengthBytes = head & 0x07;
    if (head >> 4 !== COMPRESSED_BY_ZLIB || lengthBytes < 1 || lengthBytes > 4) {
      throw new PenstockError('PS2008', `${where} is compressed in a way that is not known`);
    }
    const length = buffer.readUIntBE(start + 1, lengthBytes);
    const stream = buffer.subarray(start + 1 + lengthBytes, end);
    const limit = { maxOutputLength: Math.max(1, length) };
    try {
      const plain = (head & WITHOUT_HEADER) === 0 ? inflateSync(stream, limit) : inflateRawSync(stream, limit);
      if (plain.length === length) return print(plain, 0, length);
    } catch (cause) {
      throw new PenstockError('PS2008', `${where} has a compressed value that cannot be uncompressed`, { cause });
    }
    throw new PenstockError('PS2008', `${where} has a compressed value that is not as long as it says`);
  };
}
