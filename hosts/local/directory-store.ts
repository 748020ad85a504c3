import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { ByteRange, ExtractStore, StoredObject } from '../../core/extracts/extract-store.ts';
import { isObjectKey, keyPrefix, objectKey } from '../node/object-key.ts';
import { untilAborted } from '../node/until-aborted.ts';
import { isSystemError } from './system-error.ts';
import { UnfinishedFiles } from './unfinished-files.ts';

/** Beside the objects, so that a rename stays within one file system; no key begins with a dot. */
const UNFINISHED = '.unfinished';
const READ_BYTES = 1 << 18;
const REMEMBERED_DIRECTORIES = 1000;

/**
 * Extracts in a directory. A put writes a file under another name, syncs it, renames it, and syncs the directory:
 * after a crash an object is there whole or not at all. A key cannot also be the directory of another key.
 */
export class DirectoryStore implements ExtractStore {
  readonly #root: string;
  readonly #unfinished: UnfinishedFiles;
  /** Directories that this process has made durable, or is about to. */
  readonly #made = new Map<string, Promise<void>>();

  /** `root`: made when the first object is put. */
  constructor(root: string) {
    this.#root = resolve(root);
    this.#unfinished = new UnfinishedFiles(join(this.#root, UNFINISHED));
  }

  /** Removes what killed processes left half written. `now`: milliseconds since 1970. @throws PenstockError PS3003 */
  async sweep(now: number): Promise<void> {
    try {
      await this.#unfinished.sweep(now);
    } catch (error) {
      throw this.#storeError(error, 'sweeping');
    }
  }

  async put(key: string, body: AsyncIterable<Buffer> | Buffer, signal: AbortSignal): Promise<StoredObject> {
    const path = this.#path(key);
    let unfinished: string | null = null;
    try {
      signal.throwIfAborted();
      unfinished = await this.#unfinished.newPath();
      await this.#makeDirectory(dirname(path));
      const size = await writeSynced(unfinished, body, signal);
      await rename(unfinished, path);
      await syncDirectory(dirname(path));
      return { key, size };
    } catch (error) {
      if (unfinished !== null) await rm(unfinished, { force: true }).catch(() => undefined);
      if (error instanceof BodyFailure) throw error.cause;
      this.#made.clear(); // Somebody may have removed a directory.
      throw this.#storeError(error, `writing ${key}`);
    }
  }

  async *read(key: string, range: ByteRange | null, signal: AbortSignal): AsyncIterable<Buffer> {
    const path = this.#path(key);
    try {
      signal.throwIfAborted();
      await using file = await open(path, 'r');
      const found = await file.stat();
      if (!found.isFile()) throw this.#missing(key);
      const { offset, length } = range ?? { offset: 0, length: found.size };
      if (offset + length > found.size) throw shortObject(key, found.size, offset, length);
      if (length === 0) return;
      const bytes = { start: offset, end: offset + length - 1, highWaterMark: READ_BYTES, autoClose: false };
      let given = 0;
      // The stream does not get the signal: it would throw where nobody listens when it aborts before the first read.
      for await (const buffer of file.createReadStream(bytes)) {
        signal.throwIfAborted();
        given += (buffer as Buffer).length;
        yield buffer as Buffer;
      }
      if (given !== length) throw shortObject(key, offset + given, offset, length);
    } catch (error) {
      signal.throwIfAborted();
      throw isSystemError(error, 'ENOENT', 'ENOTDIR') ? this.#missing(key) : this.#storeError(error, `reading ${key}`);
    }
  }

  locate(key: string): string {
    return this.#path(key);
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<StoredObject> {
    for await (const key of this.#files(prefix, signal)) {
      const size = await this.#size(key);
      if (size !== null) yield { key, size };
    }
  }

  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    for (const key of keys) {
      signal.throwIfAborted();
      await this.#remove(key);
    }
  }

  /** Empty directories stay: another process may be about to put something there. */
  async deletePrefix(prefix: string, signal: AbortSignal): Promise<void> {
    for await (const key of this.#files(prefix, signal)) await this.#remove(key);
  }

  async #remove(key: string): Promise<void> {
    try {
      await rm(this.#path(key), { force: true });
    } catch (error) {
      if (!isSystemError(error, 'ENOTDIR')) throw this.#storeError(error, `deleting ${key}`);
    }
  }

  #files(prefix: string, signal: AbortSignal): AsyncIterable<string> {
    return this.#walk(prefix.slice(0, prefix.lastIndexOf('/') + 1), keyPrefix(prefix), signal);
  }

  /** Keys of files below `directory` (empty, or ending with `/`), ascending; only one directory of each level is held. */
  async *#walk(directory: string, prefix: string, signal: AbortSignal): AsyncIterable<string> {
    const entries = await this.#entries(directory);
    const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    names.push(...entries.filter((entry) => entry.isDirectory()).map((entry) => `${entry.name}/`));
    for (const name of names.sort()) {
      signal.throwIfAborted();
      const key = directory + name;
      // What is no key was put there by somebody else.
      if (!key.startsWith(prefix) || !isObjectKey(key.replace(/\/$/, ''))) continue;
      if (name.endsWith('/')) yield* this.#walk(key, prefix, signal);
      else yield key;
    }
  }

  async #entries(directory: string): Promise<Dirent[]> {
    try {
      return await readdir(join(this.#root, directory), { withFileTypes: true });
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
      throw this.#storeError(error, `listing ${directory}`);
    }
  }

  /** Null for a file that went away while its directory was listed. */
  async #size(key: string): Promise<number | null> {
    try {
      return (await stat(join(this.#root, key))).size;
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return null;
      throw this.#storeError(error, `listing ${key}`);
    }
  }

  /** Makes a directory and all above it, each name synced: a synced file in a directory that is not can still be lost. */
  #makeDirectory(path: string): Promise<void> {
    const known = this.#made.get(path);
    if (known !== undefined) return known;
    const made = (async () => {
      if (path !== this.#root) await this.#makeDirectory(dirname(path));
      await mkdir(path, { recursive: true, mode: 0o700 });
      await syncDirectory(dirname(path)).catch((error: unknown) => {
        // What lies above the root may belong to somebody else.
        if (path !== this.#root || !isSystemError(error, 'EACCES', 'EPERM')) throw error;
      });
    })();
    if (this.#made.size >= REMEMBERED_DIRECTORIES) this.#made.clear();
    this.#made.set(path, made);
    return made;
  }

  #path(key: string): string {
    return join(this.#root, objectKey(key));
  }

  #missing(key: string): PenstockError {
    return new PenstockError('PS3001', `${key} is not in ${this.#root}`);
  }

  #storeError(error: unknown, doing: string): unknown {
    if (!isSystemError(error)) return error;
    return new PenstockError('PS3003', `${doing} in ${this.#root}: ${error.code ?? error.message}`, { cause: error });
  }
}

/** Marks an error of the body, which may be a system error too but has nothing to do with the store. */
class BodyFailure extends Error {}

async function* marked(body: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  try {
    yield* body;
  } catch (cause) {
    throw new BodyFailure('the body failed', { cause });
  }
}

async function writeSynced(path: string, body: AsyncIterable<Buffer> | Buffer, signal: AbortSignal): Promise<number> {
  await using file = await open(path, 'wx', 0o600);
  let size = 0;
  for await (const buffer of Buffer.isBuffer(body) ? [body] : marked(untilAborted(body, signal))) {
    signal.throwIfAborted();
    await file.writeFile(buffer);
    size += buffer.length;
  }
  signal.throwIfAborted();
  await file.sync();
  return size;
}

/** A new name is durable only when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}

function shortObject(key: string, size: number, offset: number, length: number): PenstockError {
  return new PenstockError(
    'PS3001',
    `${key} ends at byte ${size}; bytes ${offset} to ${offset + length} were asked for`,
  );
}
