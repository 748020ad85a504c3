import * as z from 'zod';
import { hasCode } from '../errors/penstock-error.ts';
import type { Item, ItemKey, ItemTable } from './item-table.ts';
import { parseRecord } from './records.ts';

/** What the last verification of a table proved. */
export const tableProof = z.strictObject({
  table: z.string(),
  /** Which copy of the table it was, and with which structure: of another one it says nothing. */
  generation: z.int().nonnegative(),
  fingerprint: z.string(),
  verdict: z.enum(['equal', 'different', 'unsettled']),
  /** Where the source's log stood when the comparison began, as the source writes such places. */
  position: z.string(),
  at: z.string(),
  rows: z.int().nonnegative(),
  chunks: z.int().nonnegative(),
  checksum: z.string(),
  /** Rows that differ, at least; and rows that changed during every look. */
  differing: z.int().nonnegative(),
  unsettled: z.int().nonnegative(),
  /** Null: written before it was kept. */
  destinationRows: z.int().nonnegative().nullable().default(null),
  /** Rows that this verification fetched from the source again. */
  repaired: z.int().nonnegative().default(0),
  /** Names of the columns that differ in rows that are on both sides, as far as is known. */
  columns: z.array(z.string()).default([]),
  /** Since when it is known to differ; null: it does not, as far as is known. */
  differsSince: z.string().nullable(),
});
export type TableProof = z.infer<typeof tableProof>;

/** Tables by verdict. */
export const verificationCounts = z.strictObject({
  equal: z.int().nonnegative(),
  different: z.int().nonnegative(),
  unsettled: z.int().nonnegative(),
  notComparable: z.int().nonnegative(),
});
export type VerificationCounts = z.infer<typeof verificationCounts>;

const differingSoFar = z.strictObject({
  rows: z.int().nonnegative(),
  overlaps: z.int().nonnegative(),
  /** The log behind the copy was not read by anybody. */
  inFlight: z.boolean(),
  destination: z.strictObject({ rows: z.int().nonnegative(), sum: z.string() }),
});

/** A verification under way, so that an interrupted one goes on with the next chunk. */
export const verificationRun = z.strictObject({
  startedAt: z.string(),
  tables: z.array(z.string()),
  done: z.array(z.string()),
  /** The table whose chunks are compared, all equal so far; null: none. */
  current: z
    .strictObject({
      table: z.string(),
      generation: z.int().nonnegative(),
      fingerprint: z.string(),
      position: z.string(),
      /** Chunks up to this key are done. */
      doneUpTo: z.string(),
      chunks: z.int().nonnegative(),
      rows: z.int().nonnegative(),
      sum: z.string(),
      unsettled: z.int().nonnegative(),
      /** What is known to differ so far, where only counts are wanted. */
      differing: differingSoFar.nullable().default(null),
    })
    .nullable(),
  ended: z.boolean(),
  /** Where only counts are wanted: those of the tables that are done. */
  counts: verificationCounts.default({ equal: 0, different: 0, unsettled: 0, notComparable: 0 }),
  /** Whose it is, where several calls make one verification; null: nobody's by now. */
  by: z.string().nullable().default(null),
  /** When it was last seen at work; empty where that does not matter. */
  seenAt: z.string().default(''),
  repair: z.boolean().default(false),
});
export type VerificationRunRecord = z.infer<typeof verificationRun>;

/**
 * Verifications that a user asks for, the one in the background, and the one that many calls of a function make together: each goes on with
 * its own.
 */
export type VerificationName = 'demand' | 'continuous' | 'calls';

export class VerificationRecords {
  readonly #items: ItemTable;
  readonly #pipeline: string;

  constructor(items: ItemTable, pipeline: string) {
    this.#items = items;
    this.#pipeline = pipeline;
  }

  async proof(table: string): Promise<TableProof | null> {
    const item = await this.#items.get(this.#key(PROOF_PREFIX + table));
    return item === null ? null : parseRecord(tableProof, item);
  }

  /** Of all tables that were ever verified, by table id. */
  async proofs(): Promise<Map<string, TableProof>> {
    const found = new Map<string, TableProof>();
    let after: string | null = null;
    for (;;) {
      const query = { partition: this.#pipeline, prefix: PROOF_PREFIX, after, limit: PAGE, descending: false };
      const items: Item[] = await this.#items.list(query);
      for (const item of items) {
        const proof = parseRecord(tableProof, item);
        found.set(proof.table, proof);
      }
      after = items.at(-1)?.key.sort ?? null;
      if (items.length < PAGE) return found;
    }
  }

  async putProof(proof: TableProof): Promise<void> {
    await this.#put(this.#key(PROOF_PREFIX + proof.table), proof);
  }

  async run(name: VerificationName): Promise<VerificationRunRecord | null> {
    const item = await this.#items.get(this.#key(RUN_PREFIX + name));
    return item === null ? null : parseRecord(verificationRun, item);
  }

  async putRun(name: VerificationName, run: VerificationRunRecord): Promise<void> {
    await this.#put(this.#key(RUN_PREFIX + name), run);
  }

  /** The last writer is right: what two verifications at once find out is true of both. */
  async #put(key: ItemKey, value: TableProof | VerificationRunRecord): Promise<void> {
    for (;;) {
      const found = await this.#items.get(key);
      try {
        await this.#items.put(key, value, found?.version ?? null);
        return;
      } catch (error) {
        if (!hasCode(error, 'PS3005')) throw error;
      }
    }
  }

  #key(sort: string): ItemKey {
    return { partition: this.#pipeline, sort };
  }
}

const PAGE = 500;
const PROOF_PREFIX = 'verified#';
const RUN_PREFIX = 'verification#';
