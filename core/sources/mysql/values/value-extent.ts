import { PenstockError } from '../../../errors/penstock-error.ts';
import { COLUMN_TYPE } from '../binlog/mapped-column.ts';
import { fractionBytes } from './calendar-text.ts';
import { decimalBytes } from './decimal-text.ts';
import type { RowCursor } from './row-cursor.ts';

/** How long a value is: `fixed` bytes, or as many as the number in its first `lengthBytes` says. */
export interface ValueExtent {
  /** -1: it says its length itself. */
  readonly fixed: number;
  readonly lengthBytes: number;
}

const INTEGER_BYTES: ReadonlyMap<number, number> = new Map([
  [COLUMN_TYPE.tiny, 1],
  [COLUMN_TYPE.year, 1],
  [COLUMN_TYPE.short, 2],
  [COLUMN_TYPE.int24, 3],
  [COLUMN_TYPE.date, 3],
  [COLUMN_TYPE.newDate, 3],
  [COLUMN_TYPE.time, 3],
  [COLUMN_TYPE.long, 4],
  [COLUMN_TYPE.timestamp, 4],
  [COLUMN_TYPE.longlong, 8],
  [COLUMN_TYPE.datetime, 8],
]);

/** How many bytes a column's values have, whatever they mean. @throws PenstockError PS2008 for a type whose form is not known */
export function valueExtent(type: number, metadata: number, where: string): ValueExtent {
  const bytes = fixedBytes(type, metadata);
  if (bytes !== null) return { fixed: bytes, lengthBytes: 0 };
  const lengthBytes = lengthBytesOf(type, metadata);
  if (lengthBytes !== null) return { fixed: -1, lengthBytes };
  throw new PenstockError('PS2008', `${where} is of type ${type} in the log, whose form is not known`);
}

/** Null: values of this type say their length themselves. */
export function fixedBytes(type: number, metadata: number): number | null {
  switch (type) {
    case COLUMN_TYPE.time2:
      return 3 + fractionBytes(metadata);
    case COLUMN_TYPE.datetime2:
      return 5 + fractionBytes(metadata);
    case COLUMN_TYPE.timestamp2:
      return 4 + fractionBytes(metadata);
    case COLUMN_TYPE.newDecimal:
      return decimalBytes(metadata >> 8, metadata & 0xff);
    case COLUMN_TYPE.bit:
      return (metadata + 7) >> 3;
    case COLUMN_TYPE.float:
    case COLUMN_TYPE.double:
    case COLUMN_TYPE.enum:
    case COLUMN_TYPE.set:
      return metadata;
    default:
      return INTEGER_BYTES.get(type) ?? null;
  }
}

/** Bytes of the length that stands before a value; null: values of this type are all of one length. */
export function lengthBytesOf(type: number, metadata: number): number | null {
  switch (type) {
    case COLUMN_TYPE.varchar:
    case COLUMN_TYPE.varString:
    case COLUMN_TYPE.varcharCompressed:
    case COLUMN_TYPE.string:
      return metadata > 255 ? 2 : 1;
    case COLUMN_TYPE.blob:
    case COLUMN_TYPE.blobCompressed:
    case COLUMN_TYPE.geometry:
    case COLUMN_TYPE.vector:
    case COLUMN_TYPE.json:
      return metadata;
    default:
      return null;
  }
}

/** Moves over a value that nobody needs. */
export function passValue(cursor: RowCursor, { fixed, lengthBytes }: ValueExtent): void {
  if (fixed !== -1) cursor.offset += fixed;
  else cursor.offset += lengthBytes + cursor.buffer.readUIntLE(cursor.offset, lengthBytes);
}
