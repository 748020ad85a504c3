import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteRange, ExtractStore, StoredObject } from '../../core/extracts/extract-store.ts';
import { randomSequence } from '../fixtures/random-sequence.ts';

/** A store and a second way to the same objects, as another process has it. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: ExtractStore;
  readonly another: ExtractStore;
}

const MB = 1 << 20;
const LARGE_BYTES = 64 * MB;
/** What a put or a read of a stream may hold in buffers, however long the stream is. */
const HELD_BYTES = 40 * MB;
/** Each time takes a full garbage collection. */
const MEASURED_MB = 4;
const never = new AbortController().signal;

/** What every {@link ExtractStore} must do. `open` is called once; each case uses a prefix of its own. */
export function extractStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name}: contract of the extract store`, () => {
    let tested: StoreUnderTest;
    beforeAll(async () => {
      tested = await open();
    });
    afterAll(async () => {
      await tested[Symbol.asyncDispose]();
    });
    const stores = () => ({ store: tested.store, another: tested.another });
    putCases(stores);
    rangeCases(stores);
    largeCases(stores);
    abortCases(stores);
    listCases(stores);
    deleteCases(stores);
    deleteKeysCases(stores);
    keyCases(stores);
  });
}

type Stores = () => { readonly store: ExtractStore; readonly another: ExtractStore };

function putCases(stores: Stores): void {
  describe('put and read', () => {
    it.each([0, 1, 255, MB + 1])('gives back a buffer of %i bytes', async (size) => {
      const { store, another } = stores();
      const bytes = pattern(size, size);
      expect(await store.put(`put/buffer/${size}`, bytes, never)).toEqual({ key: `put/buffer/${size}`, size });
      expect(await readAll(another, `put/buffer/${size}`)).toEqual(bytes);
    });

    it.each([[[]], [[0]], [[1]], [[3, 0, 5]], [[MB, 1, 2 * MB]], [[9 * MB]], [[5 * MB, 5 * MB, 5 * MB, 5 * MB, 1]]])(
      'gives back a stream of buffers of %j bytes',
      async (sizes) => {
        const { store, another } = stores();
        const buffers = sizes.map((size, index) => pattern(size, index));
        const key = `put/stream/_${sizes.join('-')}`;
        const { size } = await store.put(key, streamOf(buffers), never);
        const whole = Buffer.concat(buffers);
        expect(size).toBe(whole.length);
        expect(digest(await readAll(another, key))).toBe(digest(whole));
      },
    );

    it('replaces an object of the same key, longer by shorter', async () => {
      const { store, another } = stores();
      await store.put('put/again', pattern(100_000, 1), never);
      await store.put('put/again', streamOf([Buffer.from('short')]), never);
      expect((await readAll(another, 'put/again')).toString()).toBe('short');
      expect(await listAll(another, 'put/again')).toEqual([{ key: 'put/again', size: 5 }]);
    });

    it('takes puts of different keys at once', async () => {
      const { store, another } = stores();
      const keys = Array.from({ length: 20 }, (_, index) => `put/at-once/${index % 3}/${index}`);
      await Promise.all(keys.map(async (key, index) => store.put(key, streamOf([pattern(1000, index)]), never)));
      for (const [index, key] of keys.entries()) expect(await readAll(another, key)).toEqual(pattern(1000, index));
    });

    it('says PS3001 for an object that is not there, and names it', async () => {
      const { store } = stores();
      await store.put('put/there/inside', Buffer.from('x'), never);
      for (const key of ['put/not-there', 'put/there', 'not-there/a/b', 'put/there/inside/deeper']) {
        for (const range of [null, { offset: 0, length: 1 }]) {
          const error = await failure(readAll(store, key, range));
          expect(error).toMatchObject({ code: 'PS3001' });
          expect(error).toHaveProperty('message', expect.stringContaining(key));
        }
      }
    });

    it('says where an object is', async () => {
      const { store, another } = stores();
      await store.put('put/located', Buffer.from('x'), never);
      expect(store.locate('put/located')).toMatch(/^(\/|s3:\/\/).*\/put\/located$/);
      expect(another.locate('put/located')).toBe(store.locate('put/located'));
    });
  });
}

function rangeCases(stores: Stores): void {
  describe('ranges', () => {
    const bytes = pattern(700_000, 7);

    it('gives the bytes asked for, at the edges and in random places', async () => {
      const { store } = stores();
      await store.put('range/bytes', bytes, never);
      const seed = 20_260_101;
      const random = randomSequence(seed);
      const ranges = [
        { offset: 0, length: 1 },
        { offset: bytes.length - 1, length: 1 },
        { offset: 0, length: bytes.length },
        { offset: 262_143, length: 2 },
        { offset: 17, length: 0 },
        { offset: bytes.length, length: 0 },
        ...Array.from({ length: 20 }, () => {
          const offset = random.below(bytes.length);
          return { offset, length: random.below(bytes.length - offset + 1) };
        }),
      ];
      for (const range of ranges) {
        const found = await readAll(store, 'range/bytes', range);
        const wanted = bytes.subarray(range.offset, range.offset + range.length);
        expect(digest(found), `${JSON.stringify(range)}, seed ${seed}`).toBe(digest(wanted));
      }
    });

    it.each([
      { offset: 0, length: 700_001 },
      { offset: 699_999, length: 2 },
      { offset: 700_000, length: 1 },
      { offset: 900_000, length: 5 },
      { offset: 700_001, length: 0 },
    ])('says PS3001 where a byte of %j is missing', async (range) => {
      const { store } = stores();
      await store.put('range/short', bytes, never);
      expect(await failure(readAll(store, 'range/short', range))).toMatchObject({ code: 'PS3001' });
    });

    it('reads on from a reader that stopped half way', async () => {
      const { store } = stores();
      await store.put('range/half', bytes, never);
      for await (const first of store.read('range/half', null, never)) {
        expect(first.length).toBeGreaterThan(0);
        break;
      }
      expect(digest(await readAll(store, 'range/half'))).toBe(digest(bytes));
    });
  });
}

function largeCases(stores: Stores): void {
  it('puts and reads 64 MB in bounded memory', async () => {
    const { store, another } = stores();
    const written = createHash('sha256');
    const held = new HeldBytes();
    async function* large(): AsyncIterable<Buffer> {
      for (let index = 0; index < LARGE_BYTES / MB; index++) {
        const buffer = pattern(MB, index);
        written.update(buffer);
        if (index % MEASURED_MB === 0) held.measure();
        yield buffer;
        await Promise.resolve();
      }
    }
    expect(await store.put('large/object', large(), never)).toEqual({ key: 'large/object', size: LARGE_BYTES });
    expect(held.peak, 'bytes held by the put').toBeLessThan(HELD_BYTES);

    const read = createHash('sha256');
    const heldByRead = new HeldBytes();
    let measured = 0;
    let size = 0;
    for await (const buffer of another.read('large/object', null, never)) {
      read.update(buffer);
      size += buffer.length;
      if (size - measured < MEASURED_MB * MB) continue;
      measured = size;
      heldByRead.measure();
    }
    expect(read.digest('hex')).toBe(written.digest('hex'));
    expect(heldByRead.peak, 'bytes held by the read').toBeLessThan(HELD_BYTES);
    await store.deletePrefix('large/', never);
  });
}

function abortCases(stores: Stores): void {
  describe('what ends early', () => {
    const reason = new Error('stopped by the test');

    it.each([1, 12])('leaves nothing of a put whose body fails after %i MB, and passes the error on', async (size) => {
      const { store, another } = stores();
      const failing = failingAfter(size, reason);
      expect(await failure(store.put(`early/failed-${size}`, failing, never))).toBe(reason);
      expect(await listAll(another, 'early/failed')).toEqual([]);
      expect(await failure(readAll(another, `early/failed-${size}`))).toMatchObject({ code: 'PS3001' });
    });

    it('leaves the object that a failed put would have replaced', async () => {
      const { store, another } = stores();
      await store.put('early/kept', Buffer.from('first'), never);
      await failure(store.put('early/kept', failingAfter(12, reason), never));
      expect((await readAll(another, 'early/kept')).toString()).toBe('first');
    });

    it.each([1, 12])('leaves nothing of a put that is aborted after %i MB while its body is stuck', async (size) => {
      const { store, another } = stores();
      const abort = new AbortController();
      async function* stuck(): AsyncIterable<Buffer> {
        for (let index = 0; index < size; index++) yield pattern(MB, index);
        abort.abort(reason);
        await new Promise(() => undefined);
      }
      expect(await failure(store.put(`early/aborted-${size}`, stuck(), abort.signal))).toBe(reason);
      expect(await listAll(another, 'early/aborted')).toEqual([]);
    });

    it('shows nothing of a put that is under way', async () => {
      const { store, another } = stores();
      const seen: StoredObject[] = [];
      async function* watched(): AsyncIterable<Buffer> {
        for (let index = 0; index < 12; index++) yield pattern(MB, index);
        seen.push(...(await listAll(another, 'early/watched')));
      }
      await store.put('early/watched', watched(), never);
      expect(seen).toEqual([]);
      expect(await listAll(another, 'early/watched')).toEqual([{ key: 'early/watched', size: 12 * MB }]);
    });

    it('tells the body of a failed put to end', async () => {
      const { store } = stores();
      const abort = new AbortController();
      let isEnded = false;
      async function* body(): AsyncIterable<Buffer> {
        try {
          for (let index = 0; ; index++) {
            if (index === 3) abort.abort(reason);
            yield pattern(1000, index);
            await Promise.resolve();
          }
        } finally {
          isEnded = true;
        }
      }
      expect(await failure(store.put('early/ended', body(), abort.signal))).toBe(reason);
      expect(isEnded).toBe(true);
    });

    it('refuses to begin with an aborted signal', async () => {
      const { store, another } = stores();
      const aborted = AbortSignal.abort(reason);
      await store.put('early/begun', Buffer.from('x'), never);
      expect(await failure(store.put('early/not-begun', Buffer.from('x'), aborted))).toBe(reason);
      expect(await failure(readAll(store, 'early/begun', null, aborted))).toBe(reason);
      expect(await failure(listAll(store, 'early/', aborted))).toBe(reason);
      expect(await failure(store.deletePrefix('early/begun', aborted))).toBe(reason);
      expect(await listAll(another, 'early/not-begun')).toEqual([]);
      expect((await readAll(another, 'early/begun')).toString()).toBe('x');
    });

    it('ends a read that is aborted half way with the reason', async () => {
      const { store } = stores();
      await store.put('early/read', pattern(8 * MB, 1), never);
      const abort = new AbortController();
      const reading = async () => {
        for await (const buffer of store.read('early/read', null, abort.signal)) {
          expect(buffer.length).toBeLessThan(8 * MB);
          abort.abort(reason);
        }
      };
      expect(await failure(reading())).toBe(reason);
    });
  });
}

function listCases(stores: Stores): void {
  describe('list', () => {
    it('gives keys in the order of their bytes, over directories too', async () => {
      const { store, another } = stores();
      const names = ['a', 'a-b', 'a.b', 'a_b', 'a0', 'aa', 'b/a', 'b/a/c', 'b-/a', 'b./a', 'b0/a', 'b_/a', 'z/z/z/z'];
      const keys = names.filter((key) => key !== 'b/a').map((key) => `list/order/${key}`);
      for (const key of [...keys].reverse()) await store.put(key, Buffer.from(key), never);
      const found = await listAll(another, 'list/order/');
      expect(found.map(({ key }) => key)).toEqual(keys.sort());
      expect(found.every(({ key, size }) => size === key.length)).toBe(true);
    });

    it('takes a prefix that ends within a name', async () => {
      const { store } = stores();
      for (const key of ['list/prefix/ab/1', 'list/prefix/abc', 'list/prefix/abd/2', 'list/prefix/ac/3'])
        await store.put(key, Buffer.from('x'), never);
      const keys = async (prefix: string) => (await listAll(store, prefix)).map(({ key }) => key);
      expect(await keys('list/prefix/ab')).toEqual(['list/prefix/ab/1', 'list/prefix/abc', 'list/prefix/abd/2']);
      expect(await keys('list/prefix/ab/')).toEqual(['list/prefix/ab/1']);
      expect(await keys('list/prefix/abc')).toEqual(['list/prefix/abc']);
      expect(await keys('list/pre')).toHaveLength(4);
      expect(await keys('list/prefix/b')).toEqual([]);
      expect(await keys('nothing/of/this')).toEqual([]);
    });

    it('gives more than a page of keys, and then removes them', async () => {
      const { store, another } = stores();
      const keys = Array.from({ length: 1234 }, (_, index) => `list/many/${index.toString().padStart(6, '0')}`);
      for (let from = 0; from < keys.length; from += 50)
        await Promise.all(keys.slice(from, from + 50).map(async (key) => store.put(key, Buffer.from('x'), never)));
      await store.put('list/many-others', Buffer.from('x'), never);
      expect((await listAll(another, 'list/many/')).map(({ key }) => key)).toEqual(keys);
      await store.deletePrefix('list/many/', never);
      expect(await listAll(another, 'list/many')).toEqual([{ key: 'list/many-others', size: 1 }]);
    });
  });
}

function deleteCases(stores: Stores): void {
  it('removes what is under a prefix and nothing beside it, and may be repeated', async () => {
    const { store, another } = stores();
    const keys = ['delete/a', 'delete/a/b', 'delete/a-/b', 'delete/a/c/d', 'delete/a0', 'delete/b/a/c'];
    for (const key of keys.slice(1)) await store.put(key, Buffer.from(key), never);
    await store.deletePrefix('delete/a/', never);
    const left = (await listAll(another, 'delete/')).map(({ key }) => key);
    expect(left).toEqual(['delete/a-/b', 'delete/a0', 'delete/b/a/c']);
    await store.deletePrefix('delete/a/', never);
    await store.deletePrefix('delete/never-there/', never);
    expect((await listAll(another, 'delete/')).map(({ key }) => key)).toEqual(left);
    await store.put('delete/a/b', Buffer.from('again'), never);
    expect((await readAll(another, 'delete/a/b')).toString()).toBe('again');
  });
}

function deleteKeysCases(stores: Stores): void {
  it('removes the keys that are named and nothing beside them, also where some are not there', async () => {
    const { store, another } = stores();
    const keys = ['remove/a', 'remove/a-', 'remove/ab', 'remove/b/c', 'remove/b/d'];
    for (const key of keys) await store.put(key, Buffer.from(key), never);
    await store.delete([], never);
    for (let round = 0; round < 2; round++) {
      await store.delete(['remove/a', 'remove/never-there', 'remove/a/deeper', 'remove/b/c'], never);
      const left = (await listAll(another, 'remove/')).map(({ key }) => key);
      expect(left).toEqual(['remove/a-', 'remove/ab', 'remove/b/d']);
    }
    expect(await failure(store.delete(['remove/../a'], never))).toMatchObject({ code: 'PS9001' });
    const reason = new Error('enough');
    expect(await failure(store.delete(['remove/ab'], AbortSignal.abort(reason)))).toBe(reason);
    expect(await listAll(another, 'remove/ab')).toHaveLength(1);
  });
}

function keyCases(stores: Stores): void {
  it.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    '../a',
    'a/../b',
    'a/./b',
    'a/.b',
    'A',
    'ä',
    'a b',
    'a\\b',
    'a\0',
    'a\n',
    'a%2fb',
  ])('refuses %j as a key', async (key) => {
    const { store } = stores();
    expect(await failure(store.put(key, Buffer.from('x'), never))).toMatchObject({ code: 'PS9001' });
    expect(await failure(readAll(store, key))).toMatchObject({ code: 'PS9001' });
    expect(() => store.locate(key)).toThrow('PS9001');
  });

  it.each(['/', '/a', '../', '..', 'a/../', 'a//', 'A', './'])('refuses %j as a prefix', async (prefix) => {
    const { store } = stores();
    expect(await failure(listAll(store, prefix))).toMatchObject({ code: 'PS9001' });
    expect(await failure(store.deletePrefix(prefix, never))).toMatchObject({ code: 'PS9001' });
  });
}

/** The bytes in array buffers above those at the beginning, garbage not counted. */
class HeldBytes {
  peak = 0;
  readonly #collect: () => void;
  readonly #before: number;

  constructor() {
    setFlagsFromString('--expose_gc');
    this.#collect = runInNewContext('gc') as () => void;
    this.#collect();
    this.#before = process.memoryUsage().arrayBuffers;
  }

  measure(): void {
    this.#collect();
    this.peak = Math.max(this.peak, process.memoryUsage().arrayBuffers - this.#before);
  }
}

/** Bytes that differ from place to place and from seed to seed. */
function pattern(size: number, seed: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(size);
  for (let at = 0; at + 4 <= size; at += 4) buffer.writeUInt32LE(Math.imul(at + seed + 1, 2_654_435_761) >>> 0, at);
  buffer.fill(seed & 0xff, size - (size % 4));
  return buffer;
}

async function* streamOf(buffers: readonly Buffer[]): AsyncIterable<Buffer> {
  for (const buffer of buffers) {
    await Promise.resolve();
    yield buffer;
  }
}

async function* failingAfter(megabytes: number, error: Error): AsyncIterable<Buffer> {
  for (let index = 0; index < megabytes; index++) {
    await Promise.resolve();
    yield pattern(MB, index);
  }
  throw error;
}

async function readAll(
  store: ExtractStore,
  key: string,
  range: ByteRange | null = null,
  signal: AbortSignal = never,
): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(store.read(key, range, signal)));
}

async function listAll(store: ExtractStore, prefix: string, signal: AbortSignal = never): Promise<StoredObject[]> {
  return Array.fromAsync(store.list(prefix, signal));
}

function digest(bytes: Buffer): string {
  return `${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
}

async function failure(attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt;
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}
