import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { ByteRange, ExtractStore, StoredObject } from '../../core/extracts/extract-store.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** The objects themselves, which outlive every process. A put shows whole or not at all. */
export class ObjectServer {
  readonly #objects = new Map<string, Buffer>();
  readonly #deleted = new Set<string>();
  readonly #violation: (what: string) => void;

  readonly #onDelete: (key: string) => void;

  /** `onDelete`: called before an object goes. */
  constructor(violation: (what: string) => void, onDelete: (key: string) => void) {
    this.#violation = violation;
    this.#onDelete = onDelete;
  }

  put(key: string, body: Buffer): StoredObject {
    const found = this.#objects.get(key);
    if (found !== undefined && !found.equals(body)) this.#violation(`object ${key} was written twice, differently`);
    this.#objects.set(key, body);
    return { key, size: body.length };
  }

  read(key: string, range: ByteRange | null): Buffer {
    const found = this.#objects.get(key);
    if (found === undefined) throw new PenstockError('PS3001', `object ${key} is missing`);
    if (range === null) return found;
    if (range.offset + range.length > found.length) throw new PenstockError('PS3001', `object ${key} is short`);
    return found.subarray(range.offset, range.offset + range.length);
  }

  has(key: string): boolean {
    return this.#objects.has(key);
  }

  wasDeleted(key: string): boolean {
    return this.#deleted.has(key);
  }

  list(prefix: string): StoredObject[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, body]) => ({ key, size: body.length }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  delete(keys: readonly string[]): void {
    for (const key of keys) {
      if (!this.#objects.has(key)) continue;
      this.#onDelete(key);
      this.#objects.delete(key);
      this.#deleted.add(key);
    }
  }

  deletePrefix(prefix: string): void {
    this.delete(this.list(prefix).map(({ key }) => key));
  }
}

/** A process's way to the objects. */
export function simulatedStore(server: ObjectServer, process: SimulatedProcess): ExtractStore {
  return {
    async put(key, body, signal) {
      const bytes = Buffer.isBuffer(body) ? Buffer.from(body) : await collect(body);
      return process.call(`store ${key}`, () => server.put(key, bytes), { fails: 'PS3003', signal });
    },
    async *read(key, range, signal) {
      const bytes = await process.call(`read ${key}`, () => server.read(key, range), { fails: 'PS3003', signal });
      yield* inPieces(bytes, process);
    },
    locate: (key) => `simulated:${key}`,
    async *list(prefix, signal) {
      yield* await process.call(`list objects ${prefix}`, () => server.list(prefix), { fails: 'PS3003', signal });
    },
    delete: (keys, signal) =>
      process.call(`delete ${keys.length} objects`, () => server.delete(keys), { fails: 'PS3003', signal }),
    deletePrefix: (prefix, signal) =>
      process.call(`delete objects ${prefix}`, () => server.deletePrefix(prefix), { fails: 'PS3003', signal }),
  };
}

/** Cuts anywhere, as a network does: also within a line, a field or a character. */
function* inPieces(bytes: Buffer, process: SimulatedProcess): Generator<Buffer> {
  let offset = 0;
  while (offset < bytes.length) {
    const rest = bytes.length - offset;
    const length = process.world.random.chance(0.7) ? rest : process.world.random.between(1, rest);
    yield bytes.subarray(offset, offset + length);
    offset += length;
  }
}

export async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
