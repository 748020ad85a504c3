import { createHash } from 'node:crypto';
import type { ExtractRecord, PieceReference } from '../catalog/records.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { Host } from '../host/host.ts';
import type { ByteRange } from './extract-store.ts';
import type { LoggedMisfit } from './extract-buffer.ts';
import { decodeManifest, type ExtractPart, type Manifest, type PartBytes } from './manifest.ts';

type Reading = Pick<Host, 'store' | 'codec'>;

/** An extract's pieces with their manifests, in order. */
export interface ExtractPiece {
  readonly key: string;
  readonly manifest: Manifest;
  /** All of the object, where it is small and its rows are wanted; null: its parts are read when they are. */
  readonly object: Buffer | null;
}

/** An object of at most so many bytes is fetched in one read: a store bills reads, and a read for each of a hundred tables costs a hundred times as much. */
const SMALL_OBJECT_BYTES = 8 << 20;

/** Reads the manifests of an extract. @throws PenstockError PS3001, PS3003 */
export async function readManifests(
  host: Reading,
  record: ExtractRecord,
  signal: AbortSignal,
): Promise<ExtractPiece[]> {
  return readAllPieces(host, record, 0, signal);
}

/** As {@link readManifests}, for who goes on to read rows. @throws PenstockError PS3001, PS3003 */
export async function readPieces(host: Reading, record: ExtractRecord, signal: AbortSignal): Promise<ExtractPiece[]> {
  return readAllPieces(host, record, SMALL_OBJECT_BYTES, signal);
}

/** The keys of all objects of an extract, the last piece's after those that its manifest names. @throws PenstockError PS3001, PS3003 */
export async function objectKeys(host: Reading, record: ExtractRecord, signal: AbortSignal): Promise<string[]> {
  // One object is nearly always all.
  if (record.bytes === record.object.size) return [record.object.key];
  const { manifest } = await readPiece(host, record.object, 0, signal);
  return [...manifest.earlierPieces.map(({ key }) => key), record.object.key];
}

async function readAllPieces(
  host: Reading,
  record: ExtractRecord,
  wholeUpTo: number,
  signal: AbortSignal,
): Promise<ExtractPiece[]> {
  const last = await readPiece(host, record.object, wholeUpTo, signal);
  const { earlierPieces } = last.manifest;
  // A transaction larger than memory: of its earlier pieces none is kept as a whole.
  const upTo = earlierPieces.length === 0 ? wholeUpTo : 0;
  const pieces: ExtractPiece[] = [];
  for (const reference of earlierPieces) pieces.push(await readPiece(host, reference, upTo, signal));
  pieces.push(last);
  for (const { key, manifest } of pieces) {
    if (manifest.extract !== record.number) {
      throw new PenstockError('PS3001', `${key} holds extract ${manifest.extract} where ${record.number} is listed`);
    }
  }
  return pieces;
}

async function readPiece(
  host: Reading,
  reference: PieceReference,
  wholeUpTo: number,
  signal: AbortSignal,
): Promise<ExtractPiece> {
  const range = { offset: reference.manifestOffset, length: reference.manifestLength };
  const isWhole = reference.size <= wholeUpTo;
  const read = await readAll(host, reference.key, isWhole ? { offset: 0, length: reference.size } : range, signal);
  const json = isWhole ? slice(read, range) : read;
  const manifest = decodeManifest(reference.key, json, reference.manifestSha256);
  if (manifest.codec !== host.codec.name) {
    throw new PenstockError(
      'PS3001',
      `${reference.key} was compressed with ${manifest.codec}; this host reads ${host.codec.name}`,
    );
  }
  return { key: reference.key, manifest, object: isWhole ? read : null };
}

/** A part's plain lines. The whole part is verified before the first byte is given out: it is as large as an extract's memory. */
export async function* readLines(
  host: Reading,
  piece: ExtractPiece,
  part: ExtractPart,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  if (part.lines !== null) yield await readVerified(host, piece, part.lines, signal);
}

export async function readMisfits(
  host: Reading,
  piece: ExtractPiece,
  part: ExtractPart,
  signal: AbortSignal,
): Promise<LoggedMisfit[]> {
  if (part.misfits === null) return [];
  const text = (await readVerified(host, piece, part.misfits, signal)).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LoggedMisfit);
}

async function readVerified(
  host: Reading,
  { key, object }: ExtractPiece,
  part: PartBytes,
  signal: AbortSignal,
): Promise<Buffer> {
  const compressed = object === null ? await readAll(host, key, part, signal) : slice(object, part);
  if (createHash('sha256').update(compressed).digest('hex') !== part.sha256) {
    throw new PenstockError(
      'PS3001',
      `bytes ${part.offset} to ${part.offset + part.length} of ${key} do not have the checksum that was written`,
    );
  }
  const plain = await host.codec.decompress(compressed);
  if (plain.length !== part.plainLength) {
    throw new PenstockError(
      'PS3001',
      `a part of ${key} has ${plain.length} bytes where ${part.plainLength} were written`,
    );
  }
  return plain;
}

function slice(object: Buffer, { offset, length }: ByteRange): Buffer {
  return object.subarray(offset, offset + length);
}

async function readAll(host: Reading, key: string, range: ByteRange, signal: AbortSignal): Promise<Buffer> {
  const buffers: Buffer[] = [];
  for await (const buffer of host.store.read(key, { offset: range.offset, length: range.length }, signal))
    buffers.push(buffer);
  return buffers.length === 1 && buffers[0] !== undefined ? buffers[0] : Buffer.concat(buffers);
}
