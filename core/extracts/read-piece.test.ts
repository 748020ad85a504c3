import { describe, expect, it } from 'vitest';
import type { ExtractRecord } from '../catalog/records.ts';
import { tableSchema } from '../changes/table-schema.ts';
import type { Codec } from '../host/host.ts';
import type { ExtractStore } from './extract-store.ts';
import { ExtractBuffer } from './extract-buffer.ts';
import { readLines, readManifests, readPieces, type ExtractPiece } from './read-piece.ts';
import { writePiece, type WrittenPiece } from './write-piece.ts';

const TABLES = 100;
const never = new AbortController().signal;
const text = { tag: 'text', maxCharacters: null } as const;
const column = (name: string) => ({ name, type: text, nullable: name !== 'id', sourceType: 'text', backfill: null });
const schemas = Array.from({ length: TABLES }, (_, index) =>
  tableSchema({
    table: { schema: 'public', name: `t${index}` },
    columns: ['id', 'note'].map(column),
    identity: { tag: 'key', columns: ['id'] },
  }),
);

/** A store in memory that remembers what was read of it. */
class CountedStore {
  readonly objects = new Map<string, Buffer>();
  reads = 0;
  readonly store = {
    put: (key: string, body: Buffer) => {
      this.objects.set(key, body);
      return Promise.resolve({ key, size: body.length });
    },
    read: (key: string, range: { offset: number; length: number }) => this.#read(key, range),
  } as unknown as ExtractStore;

  async *#read(key: string, { offset, length }: { offset: number; length: number }): AsyncIterable<Buffer> {
    this.reads++;
    const object = this.objects.get(key) ?? Buffer.alloc(0);
    yield await Promise.resolve(object.subarray(offset, offset + length));
  }
}

const codec = {
  name: 'identity',
  compress: (plain) => Promise.resolve(plain),
  decompress: (compressed) => Promise.resolve(compressed),
} satisfies Partial<Codec>;

function hostOf(counted: CountedStore) {
  const randomness = { identifier: () => `id${counted.objects.size}`, fraction: () => 0 };
  return { store: counted.store, codec: codec as unknown as Codec, randomness };
}

/** Writes a change of every table; `note`: what each row holds. */
async function written(
  counted: CountedStore,
  note: string,
  earlierPieces: readonly WrittenPiece['reference'][] = [],
): Promise<WrittenPiece> {
  const buffer = new ExtractBuffer(() => ({ transfer: 'mirror', maxUpdates: null }));
  for (const schema of schemas)
    buffer.add(
      { schema, op: 'insert', before: null, after: ['1', note], misfit: null },
      '2026-01-01T00:00:00.000001Z',
      'p',
    );
  const name = { pipeline: 'p', extract: 7, epoch: 1, earlierPieces };
  return writePiece(hostOf(counted), name, buffer.seal(), never);
}

function recordOf({ reference }: WrittenPiece): ExtractRecord {
  return { number: 7, object: reference } as ExtractRecord;
}

async function linesOf(counted: CountedStore, pieces: readonly ExtractPiece[]): Promise<string[]> {
  const lines: string[] = [];
  for (const piece of pieces)
    for (const part of piece.manifest.parts)
      for await (const bytes of readLines(hostOf(counted), piece, part, never)) lines.push(bytes.toString('utf8'));
  return lines;
}

describe('reading an extract', () => {
  it('takes one read of the store where the object is small, however many tables it holds', async () => {
    const counted = new CountedStore();
    const record = recordOf(await written(counted, 'small'));
    const lines = await linesOf(counted, await readPieces(hostOf(counted), record, never));
    expect(lines).toHaveLength(TABLES);
    expect(lines.every((line) => line.endsWith('\tsmall\n'))).toBe(true);
    expect(counted.reads).toBe(1);
  });

  it('keeps a large object out of memory: the manifest, then each part by itself', async () => {
    const counted = new CountedStore();
    const record = recordOf(await written(counted, 'x'.repeat(100_000)));
    const pieces = await readPieces(hostOf(counted), record, never);
    expect(pieces.map(({ object }) => object)).toEqual([null]);
    expect(await linesOf(counted, pieces)).toHaveLength(TABLES);
    expect(counted.reads).toBe(1 + TABLES);
  });

  it('keeps no earlier piece of a transaction larger than memory as a whole', async () => {
    const counted = new CountedStore();
    const first = await written(counted, 'first');
    const last = await written(counted, 'last', [first.reference]);
    const pieces = await readPieces(hostOf(counted), recordOf(last), never);
    expect(pieces.map(({ object }) => object?.length ?? null)).toEqual([null, last.reference.size]);
    expect((await linesOf(counted, pieces)).map((line) => line.slice(-6).trim())).toEqual([
      ...Array<string>(TABLES).fill('first'),
      ...Array<string>(TABLES).fill('last'),
    ]);
  });

  it('reads no rows where the manifests alone are wanted', async () => {
    const counted = new CountedStore();
    const [piece] = await readManifests(hostOf(counted), recordOf(await written(counted, 'small')), never);
    expect(piece).toMatchObject({ object: null, manifest: { extract: 7 } });
    expect(counted.reads).toBe(1);
  });

  it.each(['small', 'x'.repeat(100_000)])('notices a byte of a part that is not what was written', async (note) => {
    const counted = new CountedStore();
    const { reference } = await written(counted, note);
    const object = counted.objects.get(reference.key)!;
    object[3] = object[3]! ^ 1;
    const pieces = await readPieces(hostOf(counted), recordOf({ reference, parts: [] }), never);
    await expect(linesOf(counted, pieces)).rejects.toMatchObject({ code: 'PS3001' });
  });
});
