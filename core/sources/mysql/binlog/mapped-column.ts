import { PenstockError } from '../../../errors/penstock-error.ts';
import type { EventBytes } from './event-bytes.ts';

/** Type codes of columns (MySQL include/field_types.h, MariaDB include/mysql_com.h). */
export const COLUMN_TYPE = {
  decimal: 0,
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  newDate: 14,
  varchar: 15,
  bit: 16,
  timestamp2: 17,
  datetime2: 18,
  time2: 19,
  typedArray: 20,
  blobCompressed: 140,
  varcharCompressed: 141,
  vector: 242,
  json: 245,
  newDecimal: 246,
  enum: 247,
  set: 248,
  blob: 252,
  varString: 253,
  string: 254,
  geometry: 255,
} as const;

/** A column as a table map describes it. */
export interface MappedColumn {
  /** One of COLUMN_TYPE; ENUM and SET, which are written as STRING, by their own. */
  readonly type: number;
  /** What the type needs to be read: a length, a precision, the digits of a fraction; see `readTypeMetadata`. */
  readonly metadata: number;
  readonly nullable: boolean;
  /** With full metadata only; null otherwise, and where it does not apply. */
  readonly name: string | null;
  readonly unsigned: boolean | null;
  /** Id of the collation. */
  readonly collation: number | null;
  /** The labels of an ENUM or SET, in the bytes of its character set. */
  readonly labels: readonly Buffer[] | null;
}

const T = COLUMN_TYPE;
/** The types that a table map describes by no bytes, by one and by two. */
const TYPES_BY_METADATA_BYTES = [
  [T.tiny, T.short, T.int24, T.long, T.longlong, T.year, T.date, T.newDate, T.time, T.datetime, T.timestamp],
  [T.float, T.double, T.blob, T.blobCompressed, T.geometry, T.json, T.vector, T.timestamp2, T.datetime2, T.time2],
  [T.varchar, T.varcharCompressed, T.varString, T.bit, T.newDecimal, T.string, T.enum, T.set],
];
const METADATA_BYTES: ReadonlyMap<number, number> = new Map(
  TYPES_BY_METADATA_BYTES.flatMap((types, bytes) => types.map((type) => [type, bytes] as const)),
);

/**
 * | type | metadata |
 * |---|---|
 * | FLOAT, DOUBLE, BLOB, JSON, GEOMETRY, VECTOR | bytes of the value, or of its length |
 * | VARCHAR, STRING | the most bytes |
 * | ENUM, SET | bytes of the value |
 * | BIT | bits |
 * | DECIMAL | precision × 256 + scale |
 * | TIME2, DATETIME2, TIMESTAMP2 | digits of the fraction |
 */
export function readTypeMetadata(
  type: number,
  bytes: EventBytes,
  what: string,
): { readonly type: number; readonly metadata: number } {
  const count = METADATA_BYTES.get(type);
  if (count === undefined)
    throw new PenstockError('PS2008', `${what} has a column of type ${type}, which is not known`);
  if (count === 0) return { type, metadata: 0 };
  const first = bytes.u8();
  if (count === 1) return { type, metadata: first };
  const second = bytes.u8();
  switch (type) {
    case COLUMN_TYPE.bit:
      return { type, metadata: 8 * second + first };
    case COLUMN_TYPE.newDecimal:
      return { type, metadata: (first << 8) | second };
    case COLUMN_TYPE.string:
    case COLUMN_TYPE.enum:
    case COLUMN_TYPE.set:
      return stringMetadata(first, second);
    default:
      return { type, metadata: (second << 8) | first };
  }
}

/** The first byte is the real type; of a CHAR of more than 255 bytes two of its bits are the length's ninth and tenth, inverted. */
function stringMetadata(first: number, second: number): { readonly type: number; readonly metadata: number } {
  if (first === COLUMN_TYPE.enum || first === COLUMN_TYPE.set) return { type: first, metadata: second };
  return { type: COLUMN_TYPE.string, metadata: (((first & 0x30) ^ 0x30) << 4) | second };
}
