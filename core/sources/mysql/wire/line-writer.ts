import { columnDecoder, type ColumnDecoder, type RowMisfit } from '../../row-decoder.ts';
import type { ReplicatedColumn, ReplicatedTable } from '../describe.ts';
import { lengthBytes, textLength, type ResultRows } from './result-rows.ts';

const NULL = 0xfb;
const TAB = 9;
const LINE_FEED = 10;
const BACKSLASH = 92;
const ZERO = 48;
/** A line's buffer is given out when it is so full. */
const BLOCK_BYTES = 256 * 1024;
/** Below so many bytes a loop is faster than a call. */
const SHORT = 48;
const LONGEST_SURE_DAY = 28;

/** How the bytes of one column become those of a field. */
type FieldKind =
  /** Nothing in it must be escaped. */
  | { readonly tag: 'plain' }
  | { readonly tag: 'text' }
  /** Begins with a date that is looked at. */
  | { readonly tag: 'date'; readonly decoder: ColumnDecoder }
  /** Code looks at every value. */
  | { readonly tag: 'coded'; readonly decoder: ColumnDecoder };

interface Field {
  readonly kind: FieldKind;
  readonly name: string;
  readonly mustBeSet: boolean;
}

/** Why the current row is not in the block. */
export interface LineMisfit {
  readonly column: string;
  readonly reason: string;
}

/**
 * Rows of a result → lines to load (extracts/row-encoding), byte by byte without a text between, for tables with a key whose types the
 * user did not change. A row with a value that does not fit is not written.
 */
export class LineWriter {
  rows = 0;
  readonly #fields: readonly Field[];
  #block: Buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  #length = 0;
  /** The most bytes that the current row's line has, but for values that code makes longer. */
  #bound = 0;

  constructor(table: ReplicatedTable) {
    this.#fields = table.columns.map(fieldOf);
  }

  get isFull(): boolean {
    return this.#length >= BLOCK_BYTES / 2;
  }

  /** Writes the current row's line. @returns the value that does not fit, or null */
  add(row: ResultRows): LineMisfit | null {
    const { buffer, start, end } = row;
    // Each byte becomes two at most; a NULL of one byte becomes three with its tab.
    this.#bound = 3 * (end - start) + this.#fields.length;
    this.#reserve(this.#bound);
    const begin = this.#length;
    let offset = start;
    let isFirst = true;
    for (const field of this.#fields) {
      if (!isFirst) this.#block[this.#length++] = TAB;
      isFirst = false;
      const first = buffer[offset] ?? 0;
      if (first === NULL) {
        if (field.mustBeSet) return this.#undo(begin, field.name, 'NULL in a key column');
        this.#null();
        offset++;
        continue;
      }
      const from = offset + lengthBytes(first);
      offset = from + textLength(buffer, offset);
      const misfit = this.#value(field, buffer, from, offset);
      if (misfit !== null) return this.#undo(begin, field.name, misfit.reason);
    }
    this.#block[this.#length++] = LINE_FEED;
    this.rows++;
    return null;
  }

  /** The lines so far, which then belong to the caller. */
  take(): Buffer {
    const lines = this.#block.subarray(0, this.#length);
    this.#block = Buffer.allocUnsafe(BLOCK_BYTES);
    this.#length = 0;
    return lines;
  }

  #value({ kind }: Field, buffer: Buffer, from: number, to: number): RowMisfit | null {
    switch (kind.tag) {
      case 'plain':
        this.#copy(buffer, from, to);
        return null;
      case 'text':
        this.#escape(buffer, from, to);
        return null;
      case 'date':
        if (!isSureDate(buffer, from)) return this.#coded(kind.decoder, buffer, from, to);
        this.#copy(buffer, from, to);
        return null;
      case 'coded':
        return this.#coded(kind.decoder, buffer, from, to);
    }
  }

  #coded(decoder: ColumnDecoder, buffer: Buffer, from: number, to: number): RowMisfit | null {
    const output = buffer.toString('utf8', from, to);
    const value = decoder.read === null ? output : decoder.read(output);
    if (value === null) this.#null();
    else if (typeof value !== 'string') return value;
    else if (value === output) this.#escape(buffer, from, to);
    else {
      const bytes = Buffer.from(value, 'utf8');
      this.#reserve(2 * bytes.length + this.#bound);
      this.#escape(bytes, 0, bytes.length);
    }
    return null;
  }

  #copy(buffer: Buffer, from: number, to: number): void {
    if (to - from > SHORT) {
      this.#length += buffer.copy(this.#block, this.#length, from, to);
      return;
    }
    const block = this.#block;
    let length = this.#length;
    for (let index = from; index < to; index++) block[length++] = buffer[index] ?? 0;
    this.#length = length;
  }

  #escape(buffer: Buffer, from: number, to: number): void {
    const block = this.#block;
    let length = this.#length;
    for (let index = from; index < to; index++) {
      const byte = buffer[index] ?? 0;
      if (byte !== BACKSLASH && byte > LINE_FEED) block[length++] = byte;
      else {
        const letter = ESCAPES[byte] ?? 0;
        if (letter !== 0) {
          block[length++] = BACKSLASH;
          block[length++] = letter;
        } else block[length++] = byte;
      }
    }
    this.#length = length;
  }

  #null(): void {
    this.#block[this.#length++] = BACKSLASH;
    this.#block[this.#length++] = 78;
  }

  #undo(begin: number, column: string, reason: string): LineMisfit {
    this.#length = begin;
    return { column, reason };
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#block.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#block.length, this.#length + bytes));
    this.#block.copy(larger, 0, 0, this.#length);
    this.#block = larger;
  }
}

/** The letter behind a backslash, by byte; 0: the byte stands for itself. */
const ESCAPES = new Uint8Array(BACKSLASH + 1);
ESCAPES[0] = 48;
ESCAPES[TAB] = 116;
ESCAPES[LINE_FEED] = 110;
ESCAPES[BACKSLASH] = BACKSLASH;

function fieldOf(column: ReplicatedColumn): Field {
  return { kind: kindOf(column), name: column.column.name, mustBeSet: column.mustBeSet };
}

function kindOf(column: ReplicatedColumn): FieldKind {
  if (column.isMasked) return { tag: 'plain' };
  const decoder = columnDecoder(column);
  if (decoder.read === null) return { tag: column.reading.isPlain ? 'plain' : 'text' };
  const { tag } = column.column.type;
  return { tag: tag === 'date' || tag === 'datetime' ? 'date' : 'coded', decoder };
}

/** `YYYY-MM-DD…` from year 1000 on, with a day that every month has; all others are looked at as texts. */
function isSureDate(buffer: Buffer, at: number): boolean {
  if (buffer[at] === ZERO) return false;
  const month = two(buffer, at + 5);
  const day = two(buffer, at + 8);
  return month > 0 && day > 0 && day <= LONGEST_SURE_DAY;
}

function two(buffer: Buffer, at: number): number {
  return ((buffer[at] ?? 0) - ZERO) * 10 + (buffer[at + 1] ?? 0) - ZERO;
}
