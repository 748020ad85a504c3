import { PenstockError } from '../../../errors/penstock-error.ts';
import { packedText } from './calendar-text.ts';
import { COLUMN_TYPE } from '../binlog/mapped-column.ts';
import { decimalText } from './decimal-text.ts';
import { doubleText } from './double-text.ts';

/** Types of MySQL's binary JSON (sql-common/json_binary.cc). Small ones have lengths and offsets of two bytes, large ones of four. */
const JSON_TYPE = {
  smallObject: 0,
  largeObject: 1,
  smallArray: 2,
  largeArray: 3,
  literal: 4,
  int16: 5,
  uint16: 6,
  int32: 7,
  uint32: 8,
  int64: 9,
  uint64: 10,
  double: 11,
  string: 12,
  opaque: 15,
} as const;

const LITERALS = ['null', 'true', 'false'];
/** JSON_DOCUMENT_MAX_DEPTH of the server. */
const DEEPEST = 100;

/**
 * Binary JSON → the text that MySQL prints for it: `, ` and `: ` between, keys in the stored order.
 * @throws PenstockError PS2008 where it is no such value
 */
export function jsonText(buffer: Buffer, start: number, end: number): string {
  // The server reads a value of no bytes as null.
  if (start === end) return 'null';
  try {
    return valueText(buffer[start] ?? 0, buffer.subarray(start + 1, end), 0, 0);
  } catch (error) {
    if (error instanceof RangeError) throw damaged();
    throw error;
  }
}

function damaged(): PenstockError {
  return new PenstockError('PS2008', 'a JSON value is not what it should be');
}

/** A value of a type that lies at `at` in its container's bytes. */
function valueText(type: number, bytes: Buffer, at: number, depth: number): string {
  switch (type) {
    case JSON_TYPE.smallObject:
    case JSON_TYPE.smallArray:
    case JSON_TYPE.largeObject:
    case JSON_TYPE.largeArray:
      return containerText(type, bytes.subarray(at), depth + 1);
    case JSON_TYPE.literal:
      return LITERALS[bytes.readUInt8(at)] ?? fail();
    case JSON_TYPE.int16:
      return String(bytes.readInt16LE(at));
    case JSON_TYPE.uint16:
      return String(bytes.readUInt16LE(at));
    case JSON_TYPE.int32:
      return String(bytes.readInt32LE(at));
    case JSON_TYPE.uint32:
      return String(bytes.readUInt32LE(at));
    case JSON_TYPE.int64:
      return String(bytes.readBigInt64LE(at));
    case JSON_TYPE.uint64:
      return String(bytes.readBigUInt64LE(at));
    case JSON_TYPE.double:
      return jsonDouble(bytes.readDoubleLE(at));
    case JSON_TYPE.string: {
      const { start, end } = lengthPrefixed(bytes, at);
      return quoted(bytes.toString('utf8', start, end));
    }
    case JSON_TYPE.opaque:
      return opaqueText(bytes, at);
    default:
      return fail();
  }
}

function fail(): never {
  throw damaged();
}

/** Count and size, then for objects the keys' places, then the values' types and places; small values stand in their place's stead. */
function containerText(type: number, bytes: Buffer, depth: number): string {
  if (depth > DEEPEST) fail();
  const isLarge = type === JSON_TYPE.largeObject || type === JSON_TYPE.largeArray;
  const isObject = type === JSON_TYPE.smallObject || type === JSON_TYPE.largeObject;
  const width = isLarge ? 4 : 2;
  const count = bytes.readUIntLE(0, width);
  const size = bytes.readUIntLE(width, width);
  if (size > bytes.length) fail();
  const content = bytes.subarray(0, size);
  const keysAt = 2 * width;
  const valuesAt = keysAt + (isObject ? count * (width + 2) : 0);
  if (valuesAt + count * (1 + width) > size) fail();
  const parts: string[] = [];
  for (let index = 0; index < count; index++) {
    const entry = valuesAt + index * (1 + width);
    const valueType = content.readUInt8(entry);
    const at = isInline(valueType, isLarge) ? entry + 1 : content.readUIntLE(entry + 1, width);
    const text = valueText(valueType, content, at, depth);
    parts.push(isObject ? `${keyText(content, keysAt + index * (width + 2), width)}: ${text}` : text);
  }
  return isObject ? `{${parts.join(', ')}}` : `[${parts.join(', ')}]`;
}

function isInline(type: number, isLarge: boolean): boolean {
  if (type === JSON_TYPE.literal || type === JSON_TYPE.int16 || type === JSON_TYPE.uint16) return true;
  return isLarge && (type === JSON_TYPE.int32 || type === JSON_TYPE.uint32);
}

function keyText(bytes: Buffer, entry: number, width: 2 | 4): string {
  const start = bytes.readUIntLE(entry, width);
  const end = start + bytes.readUInt16LE(entry + width);
  if (end > bytes.length) fail();
  return quoted(bytes.toString('utf8', start, end));
}

/** Lengths have seven bits a byte, the lowest first; the highest bit says that more follow. */
function lengthPrefixed(bytes: Buffer, at: number): { readonly start: number; readonly end: number } {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = bytes.readUInt8(at + index);
    length += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) !== 0) continue;
    const start = at + index + 1;
    if (start + length > bytes.length) fail();
    return { start, end: start + length };
  }
  return fail();
}

/** A whole number keeps its point, so that it is read back as a double. */
function jsonDouble(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = doubleText(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

const BASE64_LINE = /.{76}(?=.)/g;

/** A value of an SQL type that JSON does not have. */
function opaqueText(bytes: Buffer, at: number): string {
  const type = bytes.readUInt8(at);
  const { start, end } = lengthPrefixed(bytes, at + 1);
  switch (type) {
    case COLUMN_TYPE.newDecimal:
      return decimalText(bytes, start + 2, bytes.readUInt8(start), bytes.readUInt8(start + 1));
    case COLUMN_TYPE.date:
      return `"${packedText(bytes.readBigInt64LE(start), 'date')}"`;
    case COLUMN_TYPE.time:
      return `"${packedText(bytes.readBigInt64LE(start), 'time')}"`;
    case COLUMN_TYPE.datetime:
    case COLUMN_TYPE.timestamp:
      return `"${packedText(bytes.readBigInt64LE(start), 'datetime')}"`;
    default:
      return quoted(`base64:type${type}:${bytes.toString('base64', start, end).replace(BASE64_LINE, '$&\n')}`);
  }
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const SPECIAL = new RegExp(`["\\\\${String.fromCharCode(0)}-${String.fromCharCode(31)}]`, 'g');

function quoted(text: string): string {
  const escaped = text.replace(
    SPECIAL,
    (character) => SHORT_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}
