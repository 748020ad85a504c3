import { createHash } from 'node:crypto';
import * as z from 'zod';
import { pieceReference, storedSchema } from '../catalog/records.ts';
import { PenstockError } from '../errors/penstock-error.ts';

/**
 * The object of a delta extract (docs/extract-format.md):
 * the parts one after the other, each compressed by itself; the manifest as JSON; and a trailer of 16 bytes:
 * `PENSTOCK`, the format version and the manifest's length, both as 32-bit big-endian numbers.
 */
export const FORMAT_VERSION = 1;
export const TRAILER_BYTES = 16;
const MAGIC = Buffer.from('PENSTOCK', 'latin1');

const byteRange = z.strictObject({
  offset: z.int().nonnegative(),
  /** Compressed bytes. */
  length: z.int().positive(),
  plainLength: z.int().nonnegative(),
  /** SHA-256 of the compressed bytes, hexadecimal. */
  sha256: z.string(),
});
export type PartBytes = z.infer<typeof byteRange>;

export const extractPart = z.strictObject({
  table: z.string(),
  /** The structure of the rows of this part. */
  schema: storedSchema,
  /** Lines in the form of extracts/row-encoding; null where there are none (a truncate alone). */
  lines: byteRange.nullable(),
  /** Rows set aside because a value does not fit: JSON lines of MisfitRow; null where there are none. */
  misfits: byteRange.nullable(),
  misfitRows: z.int().nonnegative(),
  /** Lines in the part, after compaction. */
  rows: z.int().nonnegative(),
  hasAbsent: z.boolean(),
  /** Commit time of the truncate that comes before these rows. */
  truncatedAt: z.string().nullable(),
  /** Why the part cannot be applied: its table stops there; null: it can. */
  obstacle: z.string().nullable(),
  /** Changes at the source, before compaction. */
  inserts: z.int().nonnegative(),
  updates: z.int().nonnegative(),
  deletes: z.int().nonnegative(),
});
export type ExtractPart = z.infer<typeof extractPart>;

export const manifest = z.strictObject({
  format: z.literal(FORMAT_VERSION),
  pipeline: z.string(),
  extract: z.int().positive(),
  codec: z.enum(['zstd', 'gzip', 'identity']),
  /** The pieces before this one, in order; only the last piece of an extract counts. */
  earlierPieces: z.array(pieceReference),
  /** In the order in which they are applied. */
  parts: z.array(extractPart),
});
export type Manifest = z.infer<typeof manifest>;

/** A manifest as the bytes that end its object. */
export interface EncodedManifest {
  readonly bytes: Buffer;
  readonly manifestLength: number;
  /** Of the JSON; kept in the catalog. */
  readonly manifestSha256: string;
}

export function encodeManifest(content: Manifest): EncodedManifest {
  const json = Buffer.from(JSON.stringify(content), 'utf8');
  const trailer = Buffer.alloc(TRAILER_BYTES);
  MAGIC.copy(trailer);
  trailer.writeUInt32BE(FORMAT_VERSION, 8);
  trailer.writeUInt32BE(json.length, 12);
  return { bytes: Buffer.concat([json, trailer]), manifestLength: json.length, manifestSha256: sha256(json) };
}

/** JSON bytes → manifest; `expected`: their checksum. @throws PenstockError PS3001 */
export function decodeManifest(key: string, json: Buffer, expected: string): Manifest {
  if (sha256(json) !== expected) {
    throw new PenstockError('PS3001', `the manifest of ${key} does not have the checksum that was written`);
  }
  let content: unknown;
  try {
    content = JSON.parse(json.toString('utf8'));
  } catch (cause) {
    throw new PenstockError('PS3001', `the manifest of ${key} is not JSON`, { cause });
  }
  const parsed = manifest.safeParse(content);
  if (!parsed.success) {
    throw new PenstockError('PS3001', `the manifest of ${key} cannot be read: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
