import * as z from 'zod';
import { hasCode } from '../errors/penstock-error.ts';
import type { Item, ItemTable } from './item-table.ts';
import { parseRecord } from './records.ts';

/** Tables of one item. */
const PAGE = 500;
const MOST_PAGES = 10_000;
const PREFIX = 'run-tables#';

const pageRecord = z.strictObject({ tables: z.array(z.string()) });

/**
 * Short numbers of tables, for the records of runs: a table gets the next one when it is first met, and keeps it for ever. May be kept as long
 * as the process: what one process knows, no other changes.
 */
export class TableNumbers {
  readonly #known = new Map<string, number>();

  /**
   * The numbers of these tables; `others` get theirs on the occasion, because each write costs as much as all that is there.
   * @throws PenstockError PS3004
   */
  async of(
    host: { readonly items: ItemTable },
    pipeline: string,
    tables: readonly string[],
    others: readonly string[] = [],
  ): Promise<(table: string) => number> {
    if (tables.some((table) => !this.#known.has(table)))
      await this.#learn(host.items, pipeline, [...tables, ...others]);
    return (table) => this.#known.get(table) ?? 0;
  }

  /** The numbers that were given so far, by table. @throws PenstockError PS3004 */
  static async given(host: { readonly items: ItemTable }, pipeline: string): Promise<ReadonlyMap<string, number>> {
    const numbers = new TableNumbers();
    await numbers.#read(host.items, pipeline);
    return numbers.#known;
  }

  async #learn(items: ItemTable, pipeline: string, wanted: readonly string[]): Promise<void> {
    for (;;) {
      const last = await this.#read(items, pipeline);
      const missing = [...new Set(wanted)].filter((table) => !this.#known.has(table));
      if (missing.length === 0) return;
      const before = last === undefined ? [] : parseRecord(pageRecord, last).tables;
      const isFull = before.length >= PAGE;
      const page = Math.floor(this.#known.size / PAGE);
      const tables = isFull ? missing.slice(0, PAGE) : [...before, ...missing].slice(0, PAGE);
      const key = { partition: pipeline, sort: PREFIX + page.toString().padStart(4, '0') };
      try {
        await items.put(key, { tables }, isFull ? null : (last?.version ?? null));
      } catch (error) {
        // Another process was first: its numbers are read again, and so are this one's when only the reply was lost.
        if (!hasCode(error, 'PS3005')) throw error;
      }
    }
  }

  /** @returns the last page */
  async #read(items: ItemTable, pipeline: string): Promise<Item | undefined> {
    const query = { partition: pipeline, prefix: PREFIX, after: null, limit: MOST_PAGES, descending: false };
    const pages = await items.list(query);
    this.#known.clear();
    for (const [page, item] of pages.entries()) {
      parseRecord(pageRecord, item).tables.forEach((table, index) => this.#known.set(table, page * PAGE + index + 1));
    }
    return pages.at(-1);
  }
}
