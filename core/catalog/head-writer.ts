import type { SourcePosition } from '../changes/position.ts';
import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import type { Randomness } from '../host/host.ts';
import type { ItemTable } from './item-table.ts';
import type { Lease } from './lease.ts';
import { putOnce } from './put-once.ts';
import {
  extractRecord,
  headRecord,
  parseRecord,
  printExtract,
  type ExtractRecord,
  type HeadRecord,
} from './records.ts';

export const EXTRACT_PREFIX = 'extract#';

/** Twelve digits, so that text order is number order. */
export function extractSort(number: number): string {
  return EXTRACT_PREFIX + number.toString().padStart(12, '0');
}

/**
 * The one writer of a pipeline's head. Opening it writes the head once, so that a write that an earlier writer
 * still has on its way, this process's own included, finds another version and fails.
 */
export class HeadWriter {
  readonly #items: ItemTable;
  readonly #pipeline: string;
  readonly #lease: Lease;
  readonly #randomness: Randomness;
  #head: HeadRecord;
  #version: number;

  private constructor(
    items: ItemTable,
    pipeline: string,
    lease: Lease,
    randomness: Randomness,
    head: HeadRecord,
    version: number,
  ) {
    this.#items = items;
    this.#pipeline = pipeline;
    this.#lease = lease;
    this.#randomness = randomness;
    this.#head = head;
    this.#version = version;
  }

  static async open(items: ItemTable, pipeline: string, lease: Lease, randomness: Randomness): Promise<HeadWriter> {
    const key = { partition: pipeline, sort: 'head' };
    for (;;) {
      const item = await items.get(key);
      const found =
        item === null ? { lastExtract: 0, position: null, epoch: 0, token: '' } : parseRecord(headRecord, item);
      if (found.epoch > lease.epoch) throw fenced(pipeline, lease.epoch, found.epoch);
      const head = { ...found, epoch: lease.epoch, token: randomness.identifier() };
      try {
        const version = await putOnce(items, key, head, item?.version ?? null);
        return new HeadWriter(items, pipeline, lease, randomness, head, version);
      } catch (error) {
        if (!hasCode(error, 'PS3005')) throw error;
      }
    }
  }

  get head(): HeadRecord {
    return this.#head;
  }

  /** Sets the position without an extract: the first one, an idle source's, or a new log's after a full extract of everything. */
  async setPosition(position: SourcePosition): Promise<void> {
    await this.#move({ ...this.#head, position });
  }

  /**
   * Makes an extract visible: its item first, then the head. Durable and visible when it resolves; when it rejects, open a new
   * writer, whose head tells whether it happened.
   * @throws PenstockError PS3002 when another reader took over, PS3004
   */
  async commit(
    extract: Omit<ExtractRecord, 'epoch' | 'token'>,
    betweenItemAndHead: () => Promise<void>,
  ): Promise<void> {
    const expectedNumber = this.#head.lastExtract + 1;
    if (extract.number !== expectedNumber || extract.from.order !== this.#head.position?.order) {
      throw new PenstockError('PS9001', `extract ${extract.number} does not follow extract ${this.#head.lastExtract}`);
    }
    await this.#putItem({ ...extract, epoch: this.#lease.epoch, token: this.#randomness.identifier() });
    await betweenItemAndHead();
    await this.#move({ ...this.#head, lastExtract: extract.number, position: extract.to });
  }

  /** An item of this number may be left from a reader that ended before it moved the head: it is replaced, unless its writer is newer. */
  async #putItem(record: ExtractRecord): Promise<void> {
    const key = { partition: this.#pipeline, sort: extractSort(record.number) };
    for (let expected: number | null = null; ;) {
      try {
        await putOnce(this.#items, key, printExtract(record), expected);
        return;
      } catch (error) {
        if (!hasCode(error, 'PS3005')) throw error;
        const found = await this.#items.get(key);
        if (found !== null) {
          const epoch = parseRecord(extractRecord, found).epoch;
          if (epoch > this.#lease.epoch) throw fenced(this.#pipeline, this.#lease.epoch, epoch);
        }
        expected = found?.version ?? null;
      }
    }
  }

  async #move(next: HeadRecord): Promise<void> {
    const head = { ...next, epoch: this.#lease.epoch, token: this.#randomness.identifier() };
    try {
      this.#version = await putOnce(this.#items, { partition: this.#pipeline, sort: 'head' }, head, this.#version);
      this.#head = head;
    } catch (error) {
      if (hasCode(error, 'PS3005')) {
        throw new PenstockError('PS3002', `the head of ${this.#pipeline} was moved by another reader`, {
          cause: error,
        });
      }
      throw error;
    }
  }
}

function fenced(pipeline: string, own: number, found: number): PenstockError {
  return new PenstockError('PS3002', `reader of ${pipeline} has epoch ${own}, but epoch ${found} is at work`);
}
