import { Readable, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import {
  constants,
  createGunzip,
  createGzip,
  createZstdCompress,
  createZstdDecompress,
  gunzip,
  gzip,
  zstdCompress,
  zstdDecompress,
} from 'node:zlib';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { Codec } from '../../core/host/host.ts';

const BUFFER_BYTES = 1 << 18;
/** The checksum (xxHash64, nearly free) makes the reader of a copied chunk, which has no other, find every damaged byte. */
const ZSTD = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  chunkSize: BUFFER_BYTES,
};
const GZIP = { level: 1, chunkSize: BUFFER_BYTES };

/** zstd level 1, on the thread pool: about a third of the size at several times the speed of a copy. */
export function zstdCodec(): Codec {
  const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)];
  return {
    name: 'zstd',
    compress: async (plain) => compress(plain, ZSTD),
    decompress: async (compressed) => orDamaged(decompress(compressed)),
    compressStream: (plain) => through(plain, createZstdCompress(ZSTD)),
    decompressStream: (compressed) => throughOrDamaged(compressed, createZstdDecompress({ chunkSize: BUFFER_BYTES })),
  };
}

/** gzip level 1, for readers that know no zstd. */
export function gzipCodec(): Codec {
  const [compress, decompress] = [promisify(gzip), promisify(gunzip)];
  return {
    name: 'gzip',
    compress: async (plain) => compress(plain, GZIP),
    decompress: async (compressed) => orDamaged(decompress(compressed)),
    compressStream: (plain) => through(plain, createGzip(GZIP)),
    decompressStream: (compressed) => throughOrDamaged(compressed, createGunzip({ chunkSize: BUFFER_BYTES })),
  };
}

/** Errors of the source pass through; leaving the loop early ends the source too. */
async function* through(from: AsyncIterable<Buffer>, transform: Transform): AsyncIterable<Buffer> {
  const source = Readable.from(from, { objectMode: true, highWaterMark: 1 });
  source.on('error', (error) => transform.destroy(error));
  source.pipe(transform);
  try {
    for await (const buffer of transform) yield buffer as Buffer;
  } finally {
    source.destroy();
    transform.destroy();
  }
}

async function* throughOrDamaged(from: AsyncIterable<Buffer>, transform: Transform): AsyncIterable<Buffer> {
  try {
    yield* through(from, transform);
  } catch (error) {
    throw damaged(error);
  }
}

async function orDamaged(decompressed: Promise<Buffer>): Promise<Buffer> {
  try {
    return await decompressed;
  } catch (error) {
    throw damaged(error);
  }
}

/** zlib's own errors have an errno; others come from whoever reads or is read. */
function damaged(error: unknown): unknown {
  const isZlib =
    error instanceof Error && 'errno' in error && 'code' in error && /^(Z_|ZSTD_|ERR_)/.test(String(error.code));
  return isZlib
    ? new PenstockError('PS3001', `compressed bytes are damaged: ${error.message}`, { cause: error })
    : error;
}
