import { roomFor, writeRecord, type ChangeRecord } from './change-record.ts';
import type { SpilledBytes, SpillFiles } from './spilled-bytes.ts';

const FIRST_BLOCK = 512;
const BLOCK = 64 * 1024;
/** Bytes that are read back at once. */
const PIECE = 1024 * 1024;

/** Blocks of one size that are used again, so that a long transaction does not leave the collector a trail of them. */
export class BlockPool {
  readonly #free: Buffer[] = [];
  readonly #most: number;

  /** `bytes`: kept at most. */
  constructor(bytes: number) {
    this.#most = Math.floor(bytes / BLOCK);
  }

  take(bytes: number): Buffer {
    if (bytes === BLOCK) return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
    return Buffer.allocUnsafeSlow(bytes);
  }

  give(blocks: readonly Buffer[]): void {
    for (const block of blocks) {
      if (block.length === BLOCK && this.#free.length < this.#most) this.#free.push(block);
    }
  }
}

interface Block {
  readonly buffer: Buffer;
  used: number;
}

/** The records of one transaction in the order they came: the first ones on disk where there are too many, the last ones in memory. */
export class RecordLog {
  readonly #pool: BlockPool;
  readonly #spilled: SpilledBytes[] = [];
  #blocks: Block[] = [];
  #count = 0;
  #undos = 0;
  /** Bytes that are taken in memory. */
  memory = 0;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  get count(): number {
    return this.#count;
  }

  /** How many of them take others back. */
  get undos(): number {
    return this.#undos;
  }

  append(record: ChangeRecord): void {
    const room = roomFor(record);
    let block = this.#blocks.at(-1);
    if (block === undefined || block.buffer.length - block.used < room) {
      const next = block === undefined ? FIRST_BLOCK : Math.min(BLOCK, block.buffer.length * 2);
      // One that is larger than a block stands alone in one of its size.
      block = { buffer: this.#pool.take(Math.max(next, room)), used: 0 };
      this.#blocks.push(block);
      this.memory += block.buffer.length;
    }
    block.used = writeRecord(record, block.buffer, block.used);
    this.#count++;
    if (record.kind === 'undo') this.#undos++;
  }

  /** What is in memory, cut where it may be read back. */
  tail(): Buffer[][] {
    const pieces: Buffer[][] = [];
    let size = PIECE;
    for (const { buffer, used } of this.#blocks) {
      if (size + used > PIECE) {
        pieces.push([]);
        size = 0;
      }
      size += used;
      pieces.at(-1)?.push(buffer.subarray(0, used));
    }
    return pieces;
  }

  /** What was in memory is on disk, piece by piece. */
  moved(places: readonly SpilledBytes[]): void {
    this.#spilled.push(...places);
    this.#dropTail();
  }

  /** Whole records, some at a time; a buffer is good until the next one is asked for. */
  async *pieces(files: SpillFiles): AsyncGenerator<Buffer> {
    for (const place of this.#spilled) yield await files.read(place);
    for (const { buffer, used } of this.#blocks) yield buffer.subarray(0, used);
  }

  /** The same from the last to the first. */
  async *piecesBackwards(files: SpillFiles): AsyncGenerator<Buffer> {
    for (const { buffer, used } of this.#blocks.toReversed()) yield buffer.subarray(0, used);
    for (const place of this.#spilled.toReversed()) yield await files.read(place);
  }

  /** Lets go of what is in memory. @returns what is to be let go of on disk */
  release(): readonly SpilledBytes[] {
    this.#dropTail();
    return this.#spilled.splice(0);
  }

  #dropTail(): void {
    this.#pool.give(this.#blocks.map(({ buffer }) => buffer));
    this.#blocks = [];
    this.memory = 0;
  }
}
