import { createHash } from 'node:crypto';
import { tableId } from '../changes/table-name.ts';
import type { PieceReference } from '../catalog/records.ts';
import type { Codec, Host } from '../host/host.ts';
import type { BufferedPart } from './extract-buffer.ts';
import { encodeManifest, FORMAT_VERSION, type ExtractPart, type PartBytes } from './manifest.ts';
import { encodeLines } from './part-encoding.ts';

/** Which piece of which extract is written. */
export interface PieceName {
  readonly pipeline: string;
  readonly extract: number;
  /** The writer's epoch stands in the key, and an identifier: no late put of anybody can overwrite a listed object. */
  readonly epoch: number;
  readonly earlierPieces: readonly PieceReference[];
}

export interface WrittenPiece {
  readonly reference: PieceReference;
  readonly parts: readonly ExtractPart[];
}

/** Encodes and compresses parts and puts them as one object. Durable when it resolves. @throws PenstockError PS3003 */
export async function writePiece(
  host: Pick<Host, 'store' | 'codec' | 'randomness'>,
  name: PieceName,
  parts: readonly BufferedPart[],
  signal: AbortSignal,
): Promise<WrittenPiece> {
  const body = new ObjectBody(host.codec);
  const listed: ExtractPart[] = [];
  for (const part of parts) listed.push(await encodePart(body, name.extract, part));
  const { bytes, manifestLength, manifestSha256 } = encodeManifest({
    format: FORMAT_VERSION,
    pipeline: name.pipeline,
    extract: name.extract,
    codec: host.codec.name,
    earlierPieces: [...name.earlierPieces],
    parts: listed,
  });
  const number = name.extract.toString().padStart(12, '0');
  const key = `${name.pipeline}/extracts/${number}-${name.epoch}-${host.randomness.identifier()}.psx`;
  const manifestOffset = body.length;
  const stored = await host.store.put(key, Buffer.concat([...body.buffers, bytes]), signal);
  return { reference: { key, size: stored.size, manifestOffset, manifestLength, manifestSha256 }, parts: listed };
}

async function encodePart(body: ObjectBody, extract: number, part: BufferedPart): Promise<ExtractPart> {
  const lines = encodeLines(extract, part.schema, part.compaction);
  const misfits = part.misfits.map((misfit) => `${JSON.stringify(misfit)}\n`).join('');
  return {
    table: tableId(part.schema.table),
    schema: part.schema,
    lines: await body.append(lines.bytes),
    misfits: await body.append(Buffer.from(misfits, 'utf8')),
    misfitRows: part.misfits.length,
    rows: lines.rows,
    hasAbsent: lines.hasAbsent,
    truncatedAt: part.truncatedAt,
    obstacle: part.obstacle,
    inserts: part.inserts,
    updates: part.updates,
    deletes: part.deletes,
  };
}

/** The object's bytes so far. */
class ObjectBody {
  readonly buffers: Buffer[] = [];
  length = 0;
  readonly #codec: Codec;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Compresses and appends; null for no bytes. */
  async append(plain: Buffer): Promise<PartBytes | null> {
    if (plain.length === 0) return null;
    const compressed = await this.#codec.compress(plain);
    const range = {
      offset: this.length,
      length: compressed.length,
      plainLength: plain.length,
      sha256: createHash('sha256').update(compressed).digest('hex'),
    };
    this.buffers.push(compressed);
    this.length += compressed.length;
    return range;
  }
}
