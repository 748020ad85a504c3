import { PenstockError } from '../../../errors/penstock-error.ts';

/**
 * Reads the fields of one event from a larger buffer. All numbers are little-endian, as the binlog has them.
 * A field that goes past the event's end is PS2008.
 */
export class EventBytes {
  readonly buffer: Buffer;
  readonly end: number;
  offset: number;
  readonly #what: string;

  /** `what` names the event in messages: `a table map`. */
  constructor(buffer: Buffer, start: number, end: number, what: string) {
    this.buffer = buffer;
    this.offset = start;
    this.end = end;
    this.#what = what;
  }

  get rest(): number {
    return this.end - this.offset;
  }

  /** Moves on. @returns where it stood. @throws PenstockError PS2008 */
  take(bytes: number): number {
    const at = this.offset;
    if (bytes < 0 || at + bytes > this.end) throw new PenstockError('PS2008', `${this.#what} ends too early`);
    this.offset = at + bytes;
    return at;
  }

  u8(): number {
    return this.buffer.readUInt8(this.take(1));
  }

  /** A number of 1 to 6 bytes. */
  unsigned(bytes: 2 | 3 | 4 | 5 | 6): number {
    return this.buffer.readUIntLE(this.take(bytes), bytes);
  }

  u64(): bigint {
    return this.buffer.readBigUInt64LE(this.take(8));
  }

  /** A length-encoded number (Client/Server protocol, "Integer Types"). */
  packed(): number {
    const first = this.u8();
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.unsigned(2);
    if (first === 0xfd) return this.unsigned(3);
    const number = first === 0xfe ? this.u64() : null;
    if (number === null || number > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new PenstockError('PS2008', `${this.#what} has a length that cannot be`);
    }
    return Number(number);
  }

  text(bytes: number, encoding: BufferEncoding = 'utf8'): string {
    const at = this.take(bytes);
    return this.buffer.toString(encoding, at, at + bytes);
  }

  /** A view of the next bytes, without copying them. */
  bytes(count: number): Buffer {
    const at = this.take(count);
    return this.buffer.subarray(at, at + count);
  }

  /** @throws PenstockError PS2008 where something is left that nobody read */
  requireEnd(): void {
    if (this.rest !== 0) throw new PenstockError('PS2008', `${this.#what} has ${this.rest} bytes more than were read`);
  }

  /** The fields of a part of it, which is left behind. */
  part(bytes: number): EventBytes {
    const at = this.take(bytes);
    return new EventBytes(this.buffer, at, at + bytes, this.#what);
  }
}
