import { hasCode } from '../errors/penstock-error.ts';
import type { Versioned } from './catalog.ts';
import type { Item, ItemKey, ItemTable } from './item-table.ts';
import { parseRecord } from './records.ts';
import {
  copyRunRecord,
  runRecord,
  summaryRecord,
  RUN_MILLISECONDS,
  SUMMARY_MILLISECONDS,
  type CopyRunRecord,
  type RunRecord,
  type SummaryRecord,
} from './run-records.ts';

const RUN_PREFIX = 'run#';
const COPY_PREFIX = 'copied#';
const SUMMARY_PREFIX = 'runs#';
const PAGE = 500;

/** The runs of a pipeline: each by itself for some weeks, and the sums of each quarter of an hour for longer. */
export class Runs {
  readonly #pipeline: string;
  readonly #items: ItemTable;

  constructor(pipeline: string, items: ItemTable) {
    this.#pipeline = pipeline;
    this.#items = items;
  }

  /** Records a run; one that is recorded already stays as it is. @throws PenstockError PS3004 */
  async record(run: RunRecord, now: number): Promise<void> {
    await this.#putNew(RUN_PREFIX + padded(run.extract), run, now + RUN_MILLISECONDS);
  }

  /** As {@link record}. Ordered by their begin: there is one at a time. */
  async recordCopy(run: CopyRunRecord, now: number): Promise<void> {
    await this.#putNew(copySort(run), run, now + SUMMARY_MILLISECONDS);
  }

  /** The last run; null: none was recorded, or the last one has expired. */
  async last(): Promise<RunRecord | null> {
    const [item] = await this.#list(RUN_PREFIX, null, 1, true);
    return item === undefined ? null : parseRecord(runRecord, item);
  }

  /** Runs of extracts after `extract`, ascending, at most `limit`; numbers may be missing. */
  async after(extract: number, limit: number): Promise<RunRecord[]> {
    const items = await this.#list(RUN_PREFIX, RUN_PREFIX + padded(extract), limit, false);
    return items.map((item) => parseRecord(runRecord, item));
  }

  /** Full extracts behind this one (empty: all), in their order, at most `limit`. */
  async copiesAfter(sort: string, limit = PAGE): Promise<{ readonly sort: string; readonly run: CopyRunRecord }[]> {
    const items = await this.#list(COPY_PREFIX, sort === '' ? null : sort, limit, false);
    return items.map((item) => ({ sort: item.key.sort, run: parseRecord(copyRunRecord, item) }));
  }

  /** The newest sums. */
  async lastSummary(): Promise<Versioned<SummaryRecord> | null> {
    const [item] = await this.#list(SUMMARY_PREFIX, null, 1, true);
    return item === undefined ? null : { record: parseRecord(summaryRecord, item), version: item.version };
  }

  /** @throws PenstockError PS3005 when somebody else wrote it meanwhile */
  async putSummary(record: SummaryRecord, expected: number | null, now: number): Promise<number> {
    return this.#items.put(this.#key(SUMMARY_PREFIX + record.quarter), record, expected, now + SUMMARY_MILLISECONDS);
  }

  /** Sums of quarters from `from` up to and without `to`, ascending. */
  async summaries(from: string, to: string): Promise<SummaryRecord[]> {
    const found: SummaryRecord[] = [];
    // The sort key before the first one: a quarter is as long as another.
    let after: string = SUMMARY_PREFIX + from.slice(0, -1);
    for (;;) {
      const items = await this.#list(SUMMARY_PREFIX, after, PAGE, false);
      const page = items.map((item) => parseRecord(summaryRecord, item)).filter(({ quarter }) => quarter < to);
      found.push(...page.filter(({ quarter }) => quarter >= from));
      after = items.at(-1)?.key.sort ?? after;
      if (page.length < PAGE) return found;
    }
  }

  async #putNew(sort: string, record: RunRecord | CopyRunRecord, expiresAt: number): Promise<void> {
    try {
      await this.#items.put(this.#key(sort), record, null, expiresAt);
    } catch (error) {
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }

  async #list(prefix: string, after: string | null, limit: number, descending: boolean): Promise<Item[]> {
    return this.#items.list({ partition: this.#pipeline, prefix, after, limit, descending });
  }

  #key(sort: string): ItemKey {
    return { partition: this.#pipeline, sort };
  }
}

export function copySort({ startedAt, run }: Pick<CopyRunRecord, 'startedAt' | 'run'>): string {
  return `${COPY_PREFIX}${startedAt}#${run}`;
}

/** Twelve digits, so that text order is number order. */
function padded(extract: number): string {
  return extract.toString().padStart(12, '0');
}
