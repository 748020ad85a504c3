import type { ScratchFile, ScratchSpace } from '../../../host/scratch.ts';

/** Bytes on disk. */
export interface SpilledBytes {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

interface SpillFile {
  readonly scratch: ScratchFile;
  length: number;
  /** Bytes that are still wanted; with none left the file goes. */
  wanted: number;
}

/** Bytes of a file before the next is begun. */
const FILE_BYTES = 512 * 1024 * 1024;

/** Scratch files that many transactions share: each is gone when nobody wants anything of it any more. */
export class SpillFiles implements AsyncDisposable {
  readonly #space: ScratchSpace;
  readonly #fileBytes: number;
  readonly #files = new Map<number, SpillFile>();
  #last = 0;

  constructor(space: ScratchSpace, fileBytes = FILE_BYTES) {
    this.#space = space;
    this.#fileBytes = fileBytes;
  }

  /** Bytes on disk that are still wanted. */
  get wantedBytes(): number {
    return [...this.#files.values()].reduce((sum, { wanted }) => sum + wanted, 0);
  }

  /** Puts each group of buffers away as one; the buffers may be used again when it resolves. @throws PenstockError PS3003 */
  async append(groups: readonly (readonly Buffer[])[]): Promise<SpilledBytes[]> {
    let file = this.#files.get(this.#last);
    if (file === undefined || file.length >= this.#fileBytes) {
      file = { scratch: await this.#space.open(), length: 0, wanted: 0 };
      this.#files.set(++this.#last, file);
    }
    await file.scratch.append(groups.flat());
    const places: SpilledBytes[] = [];
    for (const group of groups) {
      const length = group.reduce((sum, buffer) => sum + buffer.length, 0);
      places.push({ file: this.#last, offset: file.length, length });
      file.length += length;
      file.wanted += length;
    }
    return places;
  }

  async read({ file, offset, length }: SpilledBytes): Promise<Buffer> {
    const found = this.#files.get(file);
    if (found === undefined) throw new Error('spilled bytes were let go before they were read');
    return found.scratch.read(offset, length);
  }

  /** Nobody reads them any more. */
  async release(places: readonly SpilledBytes[]): Promise<void> {
    for (const { file, length } of places) {
      const found = this.#files.get(file);
      if (found === undefined) continue;
      found.wanted -= length;
      if (found.wanted > 0) continue;
      this.#files.delete(file);
      await found.scratch[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    for (const { scratch } of files) await scratch[Symbol.asyncDispose]();
  }
}
