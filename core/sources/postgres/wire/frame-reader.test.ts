import { describe, expect, it } from 'vitest';
import { FrameReader } from './frame-reader.ts';

function message(letter: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + body.length);
  bytes.write(letter, 0, 'latin1');
  bytes.writeUInt32BE(4 + body.length, 1);
  bytes.write(body, 5, 'latin1');
  return bytes;
}

function readAll(reader: FrameReader, pieces: readonly Buffer[]): string[] {
  const found: string[] = [];
  for (const piece of pieces) {
    reader.feed(piece);
    while (reader.next()) {
      found.push(String.fromCharCode(reader.code) + reader.buffer.toString('latin1', reader.start, reader.end));
    }
  }
  return found;
}

describe('frame reader', () => {
  const all = Buffer.concat([message('d', 'first'), message('d', ''), message('C', 'x'.repeat(50)), message('Z', 'I')]);
  const expected = ['dfirst', 'd', `C${'x'.repeat(50)}`, 'ZI'];

  it('reads messages wherever the buffers end', () => {
    for (let size = 1; size <= all.length; size++) {
      const pieces: Buffer[] = [];
      for (let offset = 0; offset < all.length; offset += size) pieces.push(all.subarray(offset, offset + size));
      expect(readAll(new FrameReader(), pieces), `pieces of ${size}`).toEqual(expected);
    }
  });

  it('joins a message of many buffers once, not at each of them', () => {
    const large = message('d', 'y'.repeat(1_000_000));
    const pieces: Buffer[] = [];
    for (let offset = 0; offset < large.length; offset += 1000) pieces.push(large.subarray(offset, offset + 1000));
    const reader = new FrameReader();
    let joins = 0;
    let last = reader.buffer;
    for (const piece of pieces) {
      reader.feed(piece);
      if (reader.buffer !== last && reader.buffer.length > 0) joins++;
      last = reader.buffer;
      while (reader.next()) expect(reader.end - reader.start).toBe(1_000_000);
    }
    expect(joins).toBeLessThanOrEqual(3);
  });

  it('hands on what it has not read', () => {
    const reader = new FrameReader();
    reader.feed(all);
    reader.next();
    reader.next();
    reader.next();
    expect(reader.drain()).toEqual(Buffer.concat([message('C', 'x'.repeat(50)), message('Z', 'I')]));
    expect(reader.next()).toBe(false);
  });
});
