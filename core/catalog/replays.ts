import * as z from 'zod';
import { hasCode } from '../errors/penstock-error.ts';
import type { Randomness } from '../host/host.ts';
import type { ItemTable } from './item-table.ts';
import type { Lease } from './lease.ts';
import { putOnce } from './put-once.ts';
import { headRecord, parseRecord, type HeadRecord } from './records.ts';

const HEAD = 'head';
/** Beside the head, so that one query reads both for the price of one. */
const REPLAY = 'head#replay';

/** Whether the destination's ledger may have replays that a rollback began and that nobody has brought to their end. */
const replayRecord = z.strictObject({
  isPending: z.boolean(),
  /** The loader lease's epoch that wrote it last. */
  epoch: z.int().nonnegative(),
  token: z.string(),
});

/** What a look at the catalog needs to know whether there is something to load. */
export interface Visible {
  readonly lastExtract: number;
  readonly isReplayPending: boolean;
}

/**
 * Says in the catalog what the destination's ledger knows about replays: whoever looks only in the catalog would not wake a loader for
 * a rollback whose loader has died. Written under the loader's lease, before the ledger is and after it was.
 */
export class Replays {
  readonly #pipeline: string;
  readonly #items: ItemTable;
  readonly #randomness: Randomness;

  constructor(pipeline: string, host: { items: ItemTable; randomness: Randomness }) {
    this.#pipeline = pipeline;
    this.#items = host.items;
    this.#randomness = host.randomness;
  }

  async visible(): Promise<Visible> {
    const query = { partition: this.#pipeline, prefix: HEAD, after: null, limit: 2, descending: false };
    let head: HeadRecord | null = null;
    let isReplayPending = false;
    for (const item of await this.#items.list(query)) {
      if (item.key.sort === HEAD) head = parseRecord(headRecord, item);
      else ({ isPending: isReplayPending } = parseRecord(replayRecord, item));
    }
    return { lastExtract: head?.lastExtract ?? 0, isReplayPending };
  }

  /** @throws PenstockError PS3004 */
  async begin(loader: Lease): Promise<void> {
    await this.#set(true, loader);
  }

  /** Once no replay is left in the ledger. @throws PenstockError PS3004 */
  async end(loader: Lease): Promise<void> {
    await this.#set(false, loader);
  }

  async #set(isPending: boolean, { epoch, hold }: Lease): Promise<void> {
    const key = { partition: this.#pipeline, sort: REPLAY };
    for (;;) {
      const item = await this.#items.get(key);
      const found = item === null ? null : parseRecord(replayRecord, item);
      // What a newer loader wrote stands.
      if (found !== null && found.epoch > epoch) return;
      if ((found?.isPending ?? false) === isPending) return;
      await hold?.();
      try {
        const record = { isPending, epoch, token: this.#randomness.identifier() };
        await putOnce(this.#items, key, record, item?.version ?? null);
        return;
      } catch (error) {
        if (!hasCode(error, 'PS3005')) throw error;
      }
    }
  }
}
