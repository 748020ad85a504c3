import type { z } from 'zod';
import type { Timestamp } from '../changes/timestamp.ts';
import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import type { Host, Randomness } from '../host/host.ts';
import { EXTRACT_PREFIX, extractSort, HeadWriter } from './head-writer.ts';
import type { Item, ItemKey, ItemTable } from './item-table.ts';
import type { Lease } from './lease.ts';
import { putOnce } from './put-once.ts';
import {
  chunkRecord,
  extractRecord,
  fullExtractRecord,
  headRecord,
  healthRecord,
  parseRecord,
  printExtract,
  scheduleRecord,
  tableRecord,
  type ChunkRecord,
  type ExtractRecord,
  type FullExtractRecord,
  type HeadRecord,
  type HealthRecord,
  type ScheduleRecord,
  type TableRecord,
} from './records.ts';
import { retentionRecord, type RetentionRecord } from './retention-record.ts';
import { schedulerRecord, type SchedulerRecord } from './scheduler-record.ts';
import { Replays } from './replays.ts';
import { Runs } from './runs.ts';

/** A record with the version that the next write of it expects. */
export interface Versioned<Record> {
  readonly record: Record;
  readonly version: number;
}

/** What a catalog needs of its host. */
export type CatalogHost = Pick<Host, 'items' | 'randomness'>;

/** How far loads are. */
export interface LoadReport {
  readonly extract: number;
  readonly at: Timestamp;
}

/** The files of an extract that were made again from the source's log. */
export type RemadeFiles = Pick<ExtractRecord, 'object' | 'bytes'> & { readonly madeAgainAt: Timestamp };

/**
 * The truth about one pipeline on the reading side: which extracts are visible, how far the log was read,
 * and where each table stands. Every write is one conditional put, so a host needs no transactions.
 */
export class Catalog {
  readonly pipeline: string;
  readonly runs: Runs;
  readonly replays: Replays;
  readonly #items: ItemTable;
  readonly #randomness: Randomness;

  constructor(pipeline: string, host: CatalogHost) {
    this.pipeline = pipeline;
    this.#items = host.items;
    this.runs = new Runs(pipeline, host.items);
    this.replays = new Replays(pipeline, host);
    this.#randomness = host.randomness;
  }

  async head(): Promise<HeadRecord> {
    const item = await this.#items.get(this.#key('head'));
    return item === null ? { lastExtract: 0, position: null, epoch: 0, token: '' } : parseRecord(headRecord, item);
  }

  /** Takes the head for a lease: from now on no writer that opened it before can move it. @throws PenstockError PS3002 */
  async openHead(lease: Lease): Promise<HeadWriter> {
    return HeadWriter.open(this.#items, this.pipeline, lease, this.#randomness);
  }

  /** Visible extracts with numbers after `number`, ascending, at most `limit`. @throws PenstockError PS3001 where one of them is not there */
  async extractsAfter(number: number, limit: number): Promise<ExtractRecord[]> {
    const head = await this.head();
    if (head.lastExtract <= number) return [];
    const expected = Math.min(limit, head.lastExtract - number);
    const items = await this.#items.list({
      partition: this.pipeline,
      prefix: EXTRACT_PREFIX,
      after: extractSort(number),
      limit: expected,
      descending: false,
    });
    const records = items.map((item) => parseRecord(extractRecord, item));
    for (let index = 0; index < expected; index++) {
      if (records[index]?.number !== number + 1 + index)
        throw new PenstockError('PS3001', `the catalog of ${this.pipeline} has no extract ${number + 1 + index}`);
    }
    return records;
  }

  /** Visible extracts with numbers before `number` (null: all), the newest first, at most `limit`. */
  async extractsBefore(number: number | null, limit: number): Promise<ExtractRecord[]> {
    const { lastExtract } = await this.head();
    const end = Math.min(number ?? Number.MAX_SAFE_INTEGER, lastExtract + 1);
    if (end <= 1) return [];
    const items = await this.#items.list({
      partition: this.pipeline,
      prefix: EXTRACT_PREFIX,
      after: extractSort(end),
      limit,
      descending: true,
    });
    return items.map((item) => parseRecord(extractRecord, item));
  }

  /** Extracts that are listed, from `number` on, ascending, at most `limit`. The last ones may not be visible, and there may be gaps. */
  async listedFrom(number: number, limit: number): Promise<ExtractRecord[]> {
    const after = extractSort(number - 1);
    const query = { partition: this.pipeline, prefix: EXTRACT_PREFIX, after, limit, descending: false };
    return (await this.#items.list(query)).map((item) => parseRecord(extractRecord, item));
  }

  /**
   * Gives an extract that is listed other files, which hold the same. `lease`: the reader's.
   * @throws PenstockError PS3001 where it is not listed any more, PS3002 where a process with a newer lease wrote it, PS3005
   */
  async replaceFiles(number: number, files: RemadeFiles, lease: Lease): Promise<void> {
    const key = this.#key(extractSort(number));
    const item = await this.#items.get(key);
    if (item === null) throw new PenstockError('PS3001', `the catalog of ${this.pipeline} has no extract ${number}`);
    const before = parseRecord(extractRecord, item);
    if (before.epoch > lease.epoch)
      throw new PenstockError(
        'PS3002',
        `extract ${number} was written by epoch ${before.epoch}, this process has ${lease.epoch}`,
      );
    const after = { ...before, ...files, epoch: lease.epoch, token: this.#randomness.identifier() };
    await putOnce(this.#items, key, printExtract(after), item.version);
  }

  /** Forgets an extract whose objects are gone; safe to repeat. */
  async removeExtract(number: number): Promise<void> {
    await this.#items.remove(this.#key(extractSort(number)));
  }

  /** How far extracts were removed. `version`: null where nothing ever was. */
  async retention(): Promise<{ readonly record: RetentionRecord; readonly version: number | null }> {
    const found = await this.#read(retentionRecord, 'retention');
    return found ?? { record: { listed: 1, cleared: 1, kept: 1 }, version: null };
  }

  /** @returns the new version @throws PenstockError PS3005 when somebody else wrote it meanwhile */
  async putRetention(record: RetentionRecord, expected: number | null): Promise<number> {
    const { listed, cleared, kept } = record;
    const value = { listed, cleared, kept, token: this.#randomness.identifier() };
    return putOnce(this.#items, this.#key('retention'), value, expected);
  }

  /** The last extract whose load was recorded; for back-pressure and displays, the ledger is the truth. 0: none. */
  async loaded(): Promise<number> {
    return (await this.loadReport())?.extract ?? 0;
  }

  /** As {@link loaded}, with the time of the load; null: none was made. */
  async loadReport(): Promise<LoadReport | null> {
    const last = await this.runs.last();
    if (last !== null) return { extract: last.extract, at: last.loadedAt };
    // Long idle: the runs have expired, their sums have not.
    const summary = await this.runs.lastSummary();
    if (summary === null || summary.record.lastRun === 0) return null;
    return { extract: summary.record.lastRun, at: `${summary.record.quarter}:00.000000Z` };
  }

  /** Whether there is something for a loader to do; reads two items' worth. `isReplayPending`: a rollback was begun and may not have ended. */
  async outstanding(): Promise<{ readonly isBehind: boolean; readonly isReplayPending: boolean }> {
    const [{ lastExtract, isReplayPending }, loaded] = await Promise.all([this.replays.visible(), this.loaded()]);
    return { isBehind: loaded < lastExtract || isReplayPending, isReplayPending };
  }

  /** The alarms of the pipeline's health that are raised. */
  async health(): Promise<Versioned<HealthRecord> | null> {
    return this.#read(healthRecord, 'health');
  }

  /** @throws PenstockError PS3005 when somebody else wrote it meanwhile */
  async putHealth(record: HealthRecord, expected: number | null): Promise<number> {
    return this.#items.put(this.#key('health'), record, expected);
  }

  async tables(): Promise<TableRecord[]> {
    return (await this.#all(TABLE_PREFIX)).map((item) => parseRecord(tableRecord, item));
  }

  async table(id: string): Promise<Versioned<TableRecord> | null> {
    return this.#read(tableRecord, TABLE_PREFIX + id);
  }

  /**
   * Writes a table's record if it is still the one that `change` was given (null: there was none), else asks `change` again.
   * `loader`: the loader's lease; one that is older than the record's cannot write it.
   * @throws PenstockError PS3002 when a process with a newer lease wrote it
   */
  async updateTable(
    id: string,
    loader: Lease,
    change: (before: TableRecord | null) => Omit<TableRecord, 'epoch'>,
  ): Promise<TableRecord> {
    await loader.hold?.();
    for (;;) {
      const before = await this.table(id);
      if (before !== null && before.record.epoch > loader.epoch) {
        throw new PenstockError(
          'PS3002',
          `the record of ${id} was written by a process of epoch ${before.record.epoch}, this one has ${loader.epoch}`,
        );
      }
      const after = { ...change(before?.record ?? null), epoch: loader.epoch };
      try {
        await this.#items.put(this.#key(TABLE_PREFIX + id), after, before?.version ?? null);
        return after;
      } catch (error) {
        if (!hasCode(error, 'PS3005')) throw error;
      }
    }
  }

  async chunks(table: string, generation: number): Promise<Versioned<ChunkRecord>[]> {
    const items = await this.#all(chunkPrefix(table, generation));
    return items.map((item) => ({ record: parseRecord(chunkRecord, item), version: item.version }));
  }

  /** Writes a chunk's record; `expected` is the version read before, null for a new one. @returns the new version @throws PenstockError PS3005 */
  async putChunk(table: string, generation: number, record: ChunkRecord, expected: number | null): Promise<number> {
    const sort = chunkPrefix(table, generation) + record.index.toString().padStart(8, '0');
    return this.#items.put(this.#key(sort), record, expected);
  }

  async removeChunks(table: string, generation: number): Promise<void> {
    for (const item of await this.#all(chunkPrefix(table, generation))) await this.#items.remove(item.key);
  }

  async fullExtract(): Promise<Versioned<FullExtractRecord> | null> {
    return this.#read(fullExtractRecord, 'full-extract');
  }

  /** @throws PenstockError PS3005 when somebody else wrote it meanwhile */
  async putFullExtract(record: FullExtractRecord, expected: number | null): Promise<number> {
    return this.#items.put(this.#key('full-extract'), record, expected);
  }

  /** The copy of new tables that runs beside the log, or ran last. */
  async newTablesRun(): Promise<Versioned<FullExtractRecord> | null> {
    return this.#read(fullExtractRecord, 'sync-new-tables');
  }

  /** @throws PenstockError PS3005 when somebody else wrote it meanwhile */
  async putNewTablesRun(record: FullExtractRecord, expected: number | null): Promise<number> {
    return this.#items.put(this.#key('sync-new-tables'), record, expected);
  }

  async schedule(): Promise<Versioned<ScheduleRecord> | null> {
    return this.#read(scheduleRecord, 'schedule');
  }

  /** @throws PenstockError PS3005 when somebody else wrote it meanwhile */
  async putSchedule(record: ScheduleRecord, expected: number | null): Promise<number> {
    return this.#items.put(this.#key('schedule'), record, expected);
  }

  /** The scheduler's switch; null: nobody has ever turned it, so it is on. */
  async scheduler(): Promise<Versioned<SchedulerRecord> | null> {
    return this.#read(schedulerRecord, 'scheduler');
  }

  /** @throws PenstockError PS3005 when somebody else wrote it meanwhile */
  async putScheduler(record: SchedulerRecord, expected: number | null): Promise<number> {
    return this.#items.put(this.#key('scheduler'), record, expected);
  }

  async #read<Record>(schema: z.ZodType<Record>, sort: string): Promise<Versioned<Record> | null> {
    const item = await this.#items.get(this.#key(sort));
    return item === null ? null : { record: parseRecord(schema, item), version: item.version };
  }

  async #all(prefix: string): Promise<Item[]> {
    const found: Item[] = [];
    for (;;) {
      const page = await this.#items.list({
        partition: this.pipeline,
        prefix,
        after: found.at(-1)?.key.sort ?? null,
        limit: PAGE,
        descending: false,
      });
      found.push(...page);
      if (page.length < PAGE) return found;
    }
  }

  #key(sort: string): ItemKey {
    return { partition: this.pipeline, sort };
  }
}

const PAGE = 500;
const TABLE_PREFIX = 'table#';

function chunkPrefix(table: string, generation: number): string {
  return `chunk#${table}#${generation.toString().padStart(6, '0')}#`;
}
