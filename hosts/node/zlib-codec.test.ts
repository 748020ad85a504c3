import { describe, expect, it } from 'vitest';
import type { Codec } from '../../core/host/host.ts';
import { gzipCodec, zstdCodec } from './zlib-codec.ts';

const SEED = 20_260_103;
const codecs: [string, Codec][] = [
  ['zstd', zstdCodec()],
  ['gzip', gzipCodec()],
];

describe.each(codecs)('codec %s', (name, codec) => {
  it('says its name', () => {
    expect(codec.name).toBe(name);
  });

  it.each([0, 1, 1000, 3_000_000])(
    'gives back %i bytes, by buffer and by stream, in every combination',
    async (size) => {
      const plain = rows(size, SEED);
      const compressed = [await codec.compress(plain), await collect(codec.compressStream(cut(plain)))];
      for (const bytes of compressed) {
        const found = [await codec.decompress(bytes), await collect(codec.decompressStream(cut(bytes)))];
        for (const buffer of found) expect(buffer.equals(plain), `seed ${SEED}`).toBe(true);
      }
      if (size > 100_000) expect(compressed[0]?.length).toBeLessThan(size / 2);
    },
  );

  it('finds every kind of damage', async () => {
    const plain = rows(300_000, SEED);
    const good = await collect(codec.compressStream(cut(plain)));
    const damages = [good.subarray(0, good.length - 1), good.subarray(0, good.length >> 1), Buffer.alloc(0)];
    for (let at = 0; at < good.length; at += Math.ceil(good.length / 150)) {
      const damaged = Buffer.from(good);
      damaged.writeUInt8((damaged.readUInt8(at) + 1) & 0xff, at);
      damages.push(damaged);
    }
    for (const [index, bytes] of damages.entries()) {
      for (const attempt of [() => codec.decompress(bytes), () => collect(codec.decompressStream(cut(bytes)))]) {
        const result: unknown = await attempt().catch((error: unknown) => error);
        // Some bytes of a header mean nothing for the content: then the content must be right.
        if (Buffer.isBuffer(result)) expect(result.equals(plain), `damage ${index}`).toBe(true);
        else expect(result, `damage ${index}`).toMatchObject({ code: 'PS3001', retry: 'manual' });
      }
    }
  });

  it('passes an error of the source on, and ends the source when its reader leaves', async () => {
    const reason = new Error('the source is gone');
    for (const flow of [codec.compressStream.bind(codec), codec.decompressStream.bind(codec)]) {
      const failing = collect(flow(failingSource(await codec.compress(rows(2_000_000, SEED)), reason)));
      await expect(failing).rejects.toBe(reason);
    }
    const left = { isEnded: false };
    for await (const buffer of codec.compressStream(endless(left))) {
      expect(buffer.length).toBeGreaterThan(0);
      break;
    }
    expect(left.isEnded).toBe(true);
  });

  it('reads no further ahead of a slow reader than some buffers', async () => {
    const given = { bytes: 0 };
    let taken = 0;
    for await (const buffer of codec.compressStream(noise(given))) {
      taken += buffer.length;
      // What cannot be compressed: what was read and not given is held.
      expect(given.bytes - taken).toBeLessThan(4 << 20);
      if (taken > 20 << 20) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

/** Lines as extracts have them. */
function rows(size: number, seed: number): Buffer {
  const lines: string[] = [];
  for (let length = 0, index = 0; length < size; index++) {
    const number = Math.imul(index + seed, 2_654_435_761) >>> 0;
    const line = `I\t${index}\tcustomer ${number % 1000}\tgrößer ${number}\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join('')).subarray(0, size);
}

async function* cut(bytes: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += 70_001) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 70_001);
  }
}

async function* failingSource(bytes: Buffer, error: Error): AsyncIterable<Buffer> {
  yield bytes.subarray(0, 100_000);
  await Promise.resolve();
  throw error;
}

async function* endless(left: { isEnded: boolean }): AsyncIterable<Buffer> {
  try {
    for (;;) {
      await Promise.resolve();
      yield Buffer.alloc(100_000, 'some text of no great interest');
    }
  } finally {
    left.isEnded = true;
  }
}

async function* noise(given: { bytes: number }): AsyncIterable<Buffer> {
  let state = SEED;
  for (;;) {
    const buffer = Buffer.allocUnsafe(1 << 17);
    for (let at = 0; at < buffer.length; at += 4) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      buffer.writeUInt32LE(Math.imul(state ^ (state >>> 15), 2_246_822_507) >>> 0, at);
    }
    given.bytes += buffer.length;
    await Promise.resolve();
    yield buffer;
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}
