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
 * Cuts plain bytes into events, which follow each other without a packet around each. Used as a cursor: `feed`, then `next` until it is false;
 * holds what is left of one event.
 */
export class InnerEvents {
  buffer: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;

  feed(bytes: Buffer): void {
    const left = this.buffer.subarray(this.end);
    this.buffer = left.length === 0 ? bytes : Buffer.concat([left, bytes]);
    this.start = 0;
    this.end = 0;
  }

  /** Moves to the next whole event; false: feed more. @throws PenstockError PS2008 */
  next(): boolean {
    const at = this.end;
    if (this.buffer.length - at < HEADER_BYTES) return false;
    const length = this.buffer.readUInt32LE(at + 9);
    if (length < HEADER_BYTES)
      throw new PenstockError('PS2008', `an event of a compressed transaction has ${length} bytes`);
    if (this.buffer.length - at < length) return false;
    this.start = at;
    this.end = at + length;
    return true;
  }

  /** @throws PenstockError PS2008 where something is left */
  finish(): void {
    if (this.end !== this.buffer.length)
      throw new PenstockError('PS2008', 'a compressed transaction ends in the middle of an event');
  }
}
