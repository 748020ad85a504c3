import * as z from 'zod';
import type { ItemTable } from '../../core/catalog/item-table.ts';
import { operation, type Operation } from '../api/schemas/operations.ts';

const PREFIX = 'console-operation#';
const KEPT = 100;

const stored = z.strictObject({ owner: z.string(), operation });
export type StoredOperation = z.infer<typeof stored>;

/** The last operations of a pipeline, in its catalog, the newest first. */
export class OperationRecords {
  readonly #items: ItemTable;
  readonly #pipeline: string;

  constructor(items: ItemTable, pipeline: string) {
    this.#items = items;
    this.#pipeline = pipeline;
  }

  async get(id: string): Promise<StoredOperation | null> {
    const item = await this.#items.get(this.#key(id));
    return item === null ? null : (stored.safeParse(item.value).data ?? null);
  }

  async list(after: string | null, limit: number): Promise<StoredOperation[]> {
    const items = await this.#items.list({
      partition: this.#pipeline,
      prefix: PREFIX,
      after: after === null ? null : PREFIX + after,
      limit,
      descending: true,
    });
    // One of another version is left out rather than hiding all others.
    return items.flatMap(({ value }) => stored.safeParse(value).data ?? []);
  }

  /** Only the process that performs an operation writes it. */
  async put(record: { readonly owner: string; readonly operation: Operation }): Promise<void> {
    const key = this.#key(record.operation.id);
    const before = await this.#items.get(key);
    await this.#items.put(key, record, before?.version ?? null);
  }

  async forgetOld(): Promise<void> {
    const query = { partition: this.#pipeline, prefix: PREFIX, after: null, limit: 2 * KEPT, descending: true };
    for (const item of (await this.#items.list(query)).slice(KEPT)) await this.#items.remove(item.key);
  }

  #key(id: string): { partition: string; sort: string } {
    return { partition: this.#pipeline, sort: PREFIX + id };
  }
}
