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
}

/** Reads the manifests of an extract. @throws PenstockError PS3001, PS3003 */
export async function readPieces(host: Reading, record: ExtractRecord, signal: AbortSignal): Promise<ExtractPiece[]> {
  const last = await readManifest(host, record.object, signal);
  const pieces: ExtractPiece[] = [];
  for (const reference of last.manifest.earlierPieces) pieces.push(await readManifest(host, reference, signal));
  pieces.push(last);
  for (const { key, manifest } of pieces) {
    if (manifest.extract !== record.number) {
      throw new PenstockError('PS3001', `${key} holds extract ${manifest.extract} where ${record.number} is listed`);
    }
  }
  return pieces;
}

async function readManifest(host: Reading, reference: PieceReference, signal: AbortSignal): Promise<ExtractPiece> {
  const range = { offset: reference.manifestOffset, length: reference.manifestLength };
  const json = await readAll(host, reference.key, range, signal);
  const manifest = decodeManifest(reference.key, json, reference.manifestSha256);
  if (manifest.codec !== host.codec.name) {
    throw new PenstockError(
      'PS3001',
      `${reference.key} was compressed with ${manifest.codec}; this host reads ${host.codec.name}`,
    );
  }
  return { key: reference.key, manifest };
}

/** A part's plain lines. The whole part is verified before the first byte is given out: it is as large as an extract's memory. */
export async function* readLines(
  host: Reading,
  key: string,
  part: ExtractPart,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  if (part.lines !== null) yield await readVerified(host, key, part.lines, signal);
}

export async function readMisfits(
  host: Reading,
  key: string,
  part: ExtractPart,
  signal: AbortSignal,
): Promise<LoggedMisfit[]> {
  if (part.misfits === null) return [];
  const text = (await readVerified(host, key, part.misfits, signal)).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LoggedMisfit);
}

async function readVerified(host: Reading, key: string, part: PartBytes, signal: AbortSignal): Promise<Buffer> {
  const compressed = await readAll(host, key, part, signal);
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

async function readAll(host: Reading, key: string, range: ByteRange, signal: AbortSignal): Promise<Buffer> {
  const buffers: Buffer[] = [];
  for await (const buffer of host.store.read(key, { offset: range.offset, length: range.length }, signal))
    buffers.push(buffer);
  return buffers.length === 1 && buffers[0] !== undefined ? buffers[0] : Buffer.concat(buffers);
}
