const HEADER_BYTES = 4;
/** A payload of so many bytes goes on in the next packet (Client/Server protocol, "MySQL Packets"). */
const FULL = 0xff_ff_ff;
const EMPTY = Buffer.alloc(0);

/**
 * Cuts the server's bytes into packets (three bytes length, a sequence number, the payload) without copying them, but for those that lie
 * in more than one buffer or are longer than 16 MB. Used as a cursor: `feed`, then `next` until it is false.
 */
export class PacketReader {
  /** The current packet's payload lies in `buffer` from `start` to `end`. */
  start = 0;
  end = 0;
  buffer: Buffer = EMPTY;
  /** What is read from; differs from `buffer` for a payload that was put together. */
  #bytes: Buffer = EMPTY;
  #offset = 0;
  /** The beginning of a packet whose rest has not come yet, in the buffers that it came in. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** How many bytes the pending packet needs; only its header while its length is unknown. */
  #needed = 0;
  /** Full payloads that the coming packet goes on. */
  #parts: Buffer[] = [];

  feed(bytes: Buffer): void {
    this.#offset = 0;
    if (this.#pendingBytes === 0) {
      this.#bytes = bytes;
      return;
    }
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#bytes = EMPTY;
    if (this.#pendingBytes < this.#needed) return;
    this.#bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** Moves to the next whole packet; false: feed more. */
  next(): boolean {
    for (;;) {
      const bytes = this.#bytes;
      const offset = this.#offset;
      const available = bytes.length - offset;
      if (available < HEADER_BYTES) return this.#keep(HEADER_BYTES);
      const length = bytes.readUIntLE(offset, 3);
      if (available < HEADER_BYTES + length) return this.#keep(HEADER_BYTES + length);
      this.#offset = offset + HEADER_BYTES + length;
      if (length < FULL && this.#parts.length === 0) {
        this.buffer = bytes;
        this.start = offset + HEADER_BYTES;
        this.end = this.#offset;
        return true;
      }
      this.#parts.push(bytes.subarray(offset + HEADER_BYTES, this.#offset));
      if (length === FULL) continue;
      this.buffer = Buffer.concat(this.#parts);
      this.#parts = [];
      this.start = 0;
      this.end = this.buffer.length;
      return true;
    }
  }

  #keep(needed: number): boolean {
    if (this.#offset < this.#bytes.length) {
      this.#pending = [this.#bytes.subarray(this.#offset)];
      this.#pendingBytes = this.#bytes.length - this.#offset;
      this.#needed = needed;
      this.#offset = this.#bytes.length;
    }
    return false;
  }
}
