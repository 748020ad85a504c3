import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { ByteRange, ExtractStore, StoredObject } from '../../core/extracts/extract-store.ts';

const KEY = /^[a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/;
/** Files with this ending are being written; no key ends with it, because listing leaves them out and `~` is no key character. */
const UNFINISHED = '~';
const READ_BYTES = 1 << 18;

/**
 * Extracts in a directory. A put writes beside the final name, syncs, renames, and syncs the directory:
 * after a crash an object is there whole or not at all.
 */
export class DirectoryStore implements ExtractStore {
  readonly #root: string;
  #unfinished = 0;

  /** `root`: made when the first object is put. */
  constructor(root: string) {
    this.#root = resolve(root);
  }

  async put(key: string, body: AsyncIterable<Buffer> | Buffer, signal: AbortSignal): Promise<StoredObject> {
    const path = this.#path(key);
    const unfinished = `${path}.${process.pid}-${++this.#unfinished}${UNFINISHED}`;
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const size = await writeSynced(unfinished, body, signal);
      await rename(unfinished, path);
      await syncDirectory(dirname(path));
      return { key, size };
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw this.#storeError(error, `writing ${key}`);
    }
  }

  async *read(key: string, range: ByteRange | null, signal: AbortSignal): AsyncIterable<Buffer> {
    const path = this.#path(key);
    const wanted = range === null ? {} : { start: range.offset, end: range.offset + range.length - 1 };
    let length = 0;
    try {
      const size = (await stat(path)).size;
      for await (const buffer of createReadStream(path, { ...wanted, highWaterMark: READ_BYTES, signal })) {
        length += (buffer as Buffer).length;
        yield buffer as Buffer;
      }
      if (length !== (range?.length ?? size)) {
        throw new PenstockError(
          'PS3001',
          `${key} ends at byte ${size}; ${range?.length ?? size} bytes from ${range?.offset ?? 0} were asked for`,
        );
      }
    } catch (error) {
      if (isSystemError(error) && error.code === 'ENOENT')
        throw new PenstockError('PS3001', `${key} is not in ${this.#root}`, { cause: error });
      throw this.#storeError(error, `reading ${key}`);
    }
  }

  locate(key: string): string {
    return this.#path(key);
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<StoredObject> {
    const directory = join(this.#root, prefix.slice(0, prefix.lastIndexOf('/') + 1));
    const found: StoredObject[] = [];
    try {
      for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
        signal.throwIfAborted();
        if (!entry.isFile() || entry.name.endsWith(UNFINISHED)) continue;
        const path = join(entry.parentPath, entry.name);
        const key = relative(this.#root, path).split(sep).join('/');
        if (key.startsWith(prefix)) found.push({ key, size: (await stat(path)).size });
      }
    } catch (error) {
      if (isSystemError(error) && error.code === 'ENOENT') return;
      throw this.#storeError(error, `listing ${prefix}`);
    }
    yield* found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async deletePrefix(prefix: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const { key } of this.list(prefix, signal)) await rm(this.#path(key), { force: true });
    } catch (error) {
      throw this.#storeError(error, `deleting ${prefix}`);
    }
  }

  #path(key: string): string {
    if (!KEY.test(key)) throw new PenstockError('PS9001', `${JSON.stringify(key)} is no key of a store`);
    return join(this.#root, ...key.split('/'));
  }

  #storeError(error: unknown, doing: string): unknown {
    if (!isSystemError(error)) return error;
    return new PenstockError('PS3003', `${doing} in ${this.#root}: ${error.code ?? error.message}`, { cause: error });
  }
}

async function writeSynced(path: string, body: AsyncIterable<Buffer> | Buffer, signal: AbortSignal): Promise<number> {
  await using file: FileHandle = await open(path, 'wx', 0o600);
  let size = 0;
  for await (const buffer of Buffer.isBuffer(body) ? [body] : body) {
    signal.throwIfAborted();
    await file.writeFile(buffer);
    size += buffer.length;
  }
  signal.throwIfAborted();
  await file.sync();
  return size;
}

/** The new name is durable only when the directory is. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
