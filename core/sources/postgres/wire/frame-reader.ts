const HEADER_BYTES = 5;
const EMPTY = Buffer.alloc(0);

/** Types of the server's messages in a COPY stream, as bytes. */
export const FRAME = {
  /** d */
  copyData: 0x64,
  /** H */
  copyOut: 0x48,
  /** W */
  copyBoth: 0x57,
  /** E */
  error: 0x45,
  /** N */
  notice: 0x4e,
  /** S */
  parameter: 0x53,
} as const;

/**
 * Cuts the server's bytes into messages (protocol 3.0: a type byte, a length that counts itself, the body) without copying them,
 * but for a message that lies in more than one buffer. Used as a cursor: `feed`, then `next` until it is false.
 */
export class FrameReader {
  /** The current message: its type's byte, and its body in `buffer` from `start` to `end`. */
  code = 0;
  start = 0;
  end = 0;
  buffer: Buffer = EMPTY;
  /** The beginning of a message whose rest has not come yet, in the buffers that it came in. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** How many bytes the pending message needs; only its header while its length is unknown. */
  #needed = 0;

  feed(bytes: Buffer): void {
    this.start = 0;
    this.end = 0;
    if (this.#pendingBytes === 0) {
      this.buffer = bytes;
      return;
    }
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.buffer = EMPTY;
    if (this.#pendingBytes < this.#needed) return;
    this.buffer = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** Moves to the next whole message; false: feed more. `buffer` stays what it is until the next `feed`. */
  next(): boolean {
    const { buffer, end: offset } = this;
    const available = buffer.length - offset;
    if (available < HEADER_BYTES) return this.#keep(HEADER_BYTES);
    const total = 1 + buffer.readUInt32BE(offset + 1);
    if (available < total) return this.#keep(total);
    this.code = buffer[offset] ?? 0;
    this.start = offset + HEADER_BYTES;
    this.end = offset + total;
    return true;
  }

  /** The current message with its header. */
  message(): Buffer {
    return this.buffer.subarray(this.start - HEADER_BYTES, this.end);
  }

  /** The current message and all bytes after it, which are then read by somebody else. */
  drain(): Buffer {
    const rest = this.buffer.subarray(this.start - HEADER_BYTES);
    this.end = this.buffer.length;
    return rest;
  }

  #keep(needed: number): boolean {
    if (this.end < this.buffer.length) {
      this.#pending = [this.buffer.subarray(this.end)];
      this.#pendingBytes = this.buffer.length - this.end;
      this.#needed = needed;
      this.end = this.buffer.length;
    }
    return false;
  }
}
