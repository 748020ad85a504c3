import { createZstdDecompress } from 'node:zlib';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { PayloadRequest } from '../following/decoder-request.ts';
import { HEADER_BYTES } from './event-header.ts';

/** The plain bytes of a compressed transaction, in pieces: it may be larger than memory. */
export async function* plainBytes({ isCompressed, payload }: PayloadRequest): AsyncGenerator<Buffer> {
  if (!isCompressed) {
    yield payload;
    return;
  }
  const stream = createZstdDecompress();
  stream.end(payload);
  try {
    for await (const bytes of stream) yield bytes as Buffer;
  } catch (cause) {
    throw new PenstockError('PS2008', 'a compressed transaction cannot be uncompressed', { cause });
  } finally {
    stream.destroy();
  }
}

/**
 * Cuts plain bytes into events, which follow each other without a packet around each. Used as a cursor: `feed`, then `next` until it is
 * false; holds what has come of one event, and puts it together once.
 */
export class InnerEvents {
  /** The current event lies in `buffer` from `start` to `end`. */
  buffer: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** How many bytes the pending event needs; only its header while its length is not known. */
  #needed = 0;

  feed(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.end = 0;
    this.buffer = Buffer.alloc(0);
    if (this.#pendingBytes < this.#needed) return;
    this.buffer = this.#pending.length === 1 ? bytes : Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** Moves to the next whole event; false: feed more. @throws PenstockError PS2008 */
  next(): boolean {
    const at = this.end;
    const available = this.buffer.length - at;
    if (available < HEADER_BYTES) return this.#keep(HEADER_BYTES);
    const length = this.buffer.readUInt32LE(at + 9);
    if (length < HEADER_BYTES) {
      throw new PenstockError('PS2008', `an event of a compressed transaction has ${length} bytes`);
    }
    if (available < length) return this.#keep(length);
    this.start = at;
    this.end = at + length;
    return true;
  }

  /** @throws PenstockError PS2008 where something is left */
  finish(): void {
    if (this.#pendingBytes > 0) {
      throw new PenstockError('PS2008', 'a compressed transaction ends in the middle of an event');
    }
  }

  #keep(needed: number): boolean {
    if (this.end < this.buffer.length) {
      this.#pending = [this.buffer.subarray(this.end)];
      this.#pendingBytes = this.buffer.length - this.end;
      this.end = this.buffer.length;
    }
    this.#needed = needed;
    return false;
  }
}
