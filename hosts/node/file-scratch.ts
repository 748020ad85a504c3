import { randomBytes } from 'node:crypto';
import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { ScratchFile, ScratchSpace } from '../../core/host/scratch.ts';

/** writev takes no more buffers at once. */
const MOST_BUFFERS = 1024;

/**
 * Files of a folder, which is made when the first is opened. A file loses its name as soon as it is open:
 * nobody else can open it, and the system frees its bytes when this process ends, even by kill -9.
 */
export class FileScratch implements ScratchSpace {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(): Promise<ScratchFile> {
    const path = join(this.#folder, randomBytes(8).toString('hex'));
    const handle = await orFull(this.#folder, async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      return open(path, 'wx+', 0o600);
    });
    const file = new NamelessFile(handle, this.#folder);
    try {
      await orFull(this.#folder, () => unlink(path));
      return file;
    } catch (error) {
      await file[Symbol.asyncDispose]();
      throw error;
    }
  }
}

class NamelessFile implements ScratchFile {
  readonly #handle: FileHandle;
  readonly #folder: string;
  #length = 0;

  constructor(handle: FileHandle, folder: string) {
    this.#handle = handle;
    this.#folder = folder;
  }

  async append(buffers: readonly Buffer[]): Promise<void> {
    for (let from = 0; from < buffers.length; from += MOST_BUFFERS) {
      await this.#write(buffers.slice(from, from + MOST_BUFFERS));
    }
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(length);
    for (let filled = 0; filled < length;) {
      const { bytesRead } = await orFull(this.#folder, () =>
        this.#handle.read(buffer, filled, length - filled, offset + filled),
      );
      if (bytesRead === 0)
        throw new PenstockError('PS9001', `bytes ${offset + filled} of a scratch file are not there`);
      filled += bytesRead;
    }
    return buffer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  /** A disk that is nearly full takes a part. */
  async #write(buffers: readonly Buffer[]): Promise<void> {
    let rest = buffers;
    while (rest.length > 0) {
      const { bytesWritten } = await orFull(this.#folder, () => this.#handle.writev([...rest], this.#length));
      this.#length += bytesWritten;
      rest = behind(rest, bytesWritten);
    }
  }
}

function behind(buffers: readonly Buffer[], bytes: number): readonly Buffer[] {
  let rest = bytes;
  for (const [index, buffer] of buffers.entries()) {
    if (rest < buffer.length) return [buffer.subarray(rest), ...buffers.slice(index + 1)];
    rest -= buffer.length;
  }
  return [];
}

async function orFull<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new PenstockError('PS3003', `scratch files in ${folder}: ${String(error.code)}`, { cause: error });
  }
}
