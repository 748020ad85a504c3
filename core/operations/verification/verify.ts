import {
  VerificationRecords,
  type TableProof,
  type VerificationCounts,
  type VerificationName,
  type VerificationRunRecord,
} from '../../catalog/verification-records.ts';
import { tableId } from '../../changes/table-name.ts';
import { millisecondsFromTimestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { OperationContext } from '../operation-context.ts';
import { tableSettings } from '../pipeline-tables.ts';
import { refetch } from './refetch.ts';
import { verdictOf, type TableVerdict } from './verdict.ts';
import { compareTable, type TableComparison } from './verify-table.ts';
import { placeText } from '../../sources/place-text.ts';

export interface VerifyOptions {
  /** Table ids; null: all chosen tables. */
  readonly tables: readonly string[] | null;
  /** Fetches the rows that differ from the source again, and compares once more. Default: it only reads. */
  readonly repair?: boolean;
  /** Which verification under way it goes on with. Default: the one on demand. */
  readonly name?: VerificationName;
  /** Whether to end between two chunks, to go on another time. */
  readonly isEnough?: () => boolean;
  /**
   * Many calls make one verification, in the name `by`, and want only its counts: tables that are done are not in the next call's
   * answer, and a table that differs is gone on with, too. Each call ends when {@link isEnough} says so.
   */
  readonly inCalls?: { readonly by: string };
  /** Called after each chunk with the time that it took, in milliseconds. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

export interface VerifyResult {
  readonly equal: boolean;
  readonly tables: readonly TableVerdict[];
  /** It ended before all tables were done: call it again. */
  readonly more: boolean;
  /** Of the tables; with `inCalls` of all calls together. */
  readonly counts: VerificationCounts;
}

/** An interrupted verification that is older begins anew, in milliseconds. */
const STALE_MILLISECONDS = 24 * 3600_000;
/** Who goes on with a verification in calls is seen at least so often: a call may take a quarter of an hour, and is then tried again. */
const SEEN_MILLISECONDS = 20 * 60_000;
const NO_COUNTS: VerificationCounts = { equal: 0, different: 0, unsettled: 0, notComparable: 0 };
/** What is left after so many repairs differs for another reason. */
const REPAIRS = 3;

/**
 * Compares source and destination, chunk by chunk, by checksums that both sides compute, and names the rows and columns that differ.
 * May run beside everything else: rows in flight are told by the extracts that touch them. Holds no snapshot and no lease; reads
 * only, unless it is to repair. An interrupted verification goes on with the next chunk.
 * @throws PenstockError PS1005, PS2001, and with `repair` what refetch throws; with `inCalls` PS1008 where another one is under way
 */
export async function verify(context: OperationContext, options: VerifyOptions): Promise<VerifyResult> {
  const { settings } = context;
  const ids = options.tables ?? settings.tables.map((table) => tableId(table.table));
  for (const id of ids) tableSettings(settings, id);
  const verification = await Verification.begin(context, ids, options);
  const verdicts: TableVerdict[] = [];
  let more = false;
  for (const id of verification.left(ids)) {
    const verdict = await verification.verdict(id);
    more = verdict === null;
    if (verdict === null) break;
    verdicts.push(verdict);
  }
  if (!more) await verification.end();
  const counts = options.inCalls === undefined ? countsOf(verdicts) : verification.counts;
  return { equal: !more && counts.different + counts.unsettled === 0, tables: verdicts, more, counts };
}

/** Nobody goes on with the verification of this name: another one may begin. */
export async function leaveVerification({ host, settings }: OperationContext, by: string): Promise<void> {
  const records = new VerificationRecords(host.items, settings.pipeline);
  const found = await records.run(CALLS);
  if (found?.by === by && !found.ended) await records.putRun(CALLS, { ...found, by: null });
}
const CALLS = 'calls';

function countsOf(verdicts: readonly TableVerdict[]): VerificationCounts {
  return verdicts.reduce((counts, { tag }) => ({ ...counts, [tag]: counts[tag] + 1 }), NO_COUNTS);
}

/** One verification of some tables, and its record. */
class Verification {
  readonly #context: OperationContext;
  readonly #records: VerificationRecords;
  readonly #options: VerifyOptions;
  #run: VerificationRunRecord;

  private constructor(
    context: OperationContext,
    records: VerificationRecords,
    options: VerifyOptions,
    run: VerificationRunRecord,
  ) {
    this.#context = context;
    this.#records = records;
    this.#options = options;
    this.#run = run;
  }

  /** Goes on with the one that was interrupted, if it is of the same tables. */
  static async begin(context: OperationContext, ids: readonly string[], options: VerifyOptions): Promise<Verification> {
    const { host, settings } = context;
    const records = new VerificationRecords(host.items, settings.pipeline);
    const found = await records.run(nameOf(options));
    const own = { by: options.inCalls?.by ?? null, repair: options.repair === true, seenAt: host.clock.timestamp() };
    if (found !== null && own.by !== null) {
      // Its last answer was lost.
      if (found.ended && found.by === own.by) return new Verification(context, records, options, found);
      refuseOther(found, own.by, host.clock.now());
    }
    const isSame =
      found !== null &&
      !found.ended &&
      JSON.stringify(found.tables) === JSON.stringify(ids) &&
      found.repair === own.repair;
    const isOwn = own.by !== null && found?.by === own.by;
    if (isSame && (isOwn || host.clock.now() - millisecondsFromTimestamp(found.startedAt) < STALE_MILLISECONDS)) {
      host.log.info('going on with the verification under way', { begun: found.startedAt, done: found.done.length });
      return Verification.#begun(new Verification(context, records, options, { ...found, ...own }));
    }
    const startedAt = host.clock.timestamp();
    const run = { startedAt, tables: [...ids], done: [], current: null, ended: false, counts: NO_COUNTS, ...own };
    return Verification.#begun(new Verification(context, records, options, run));
  }

  /** One in calls is told from then on. */
  static async #begun(verification: Verification): Promise<Verification> {
    if (verification.#options.inCalls !== undefined) await verification.#put(verification.#run);
    return verification;
  }

  /** Of all tables that are done, where only counts are wanted. */
  get counts(): VerificationCounts {
    return this.#run.counts;
  }

  /** The tables that still have to be looked at; where rows are wanted, those that are done give their verdict again. */
  left(ids: readonly string[]): readonly string[] {
    return this.#options.inCalls === undefined ? ids : ids.filter((id) => !this.#run.done.includes(id));
  }

  /** Null: it was enough before. */
  async verdict(table: string): Promise<TableVerdict | null> {
    const earlier = this.#run.done.includes(table) ? await this.#earlierVerdict(table) : null;
    if (earlier !== null) return earlier;
    let repaired = 0;
    for (let round = 0; ; round++) {
      const comparison = await this.#compare(table);
      if (comparison.tag === 'paused') return null;
      if (comparison.tag === 'notComparable') return this.#done({ ...comparison, table });
      const verdict = verdictOf(table, comparison, this.#context.host.clock.timestamp(), repaired);
      const differences = comparison.totals.differences;
      const mayRepair = this.#options.repair === true && round < REPAIRS && differences.length > 0;
      if (!mayRepair || comparison.record.schema?.identity.tag !== 'key') {
        await this.#prove(verdict, comparison);
        return this.#done(verdict);
      }
      const keys = differences.map(({ key }) => key);
      const { unsettled } = await refetch(this.#context, table, keys);
      repaired += keys.length - unsettled.length;
    }
  }

  async end(): Promise<void> {
    await this.#put({ ...this.#run, current: null, ended: true });
  }

  async #compare(table: string): Promise<TableComparison> {
    const { host, progress, settings } = this.#context;
    return compareTable(this.#context, tableSettings(settings, table), {
      known: this.#run.current,
      isEnough: this.#options.isEnough ?? (() => false),
      // A repair wants the rows.
      onlyCounts: this.#options.inCalls !== undefined && this.#options.repair !== true,
      onChunk: async (current, totals, milliseconds) => {
        if (current !== null) await this.#put({ ...this.#run, current });
        await host.failpoint('verify.after-chunk');
        const isEqual = totals.differences.length + totals.earlier === 0 && !totals.isMore;
        const { chunks: chunk, source } = totals;
        progress({ tag: 'verify', table, chunk, rows: source.rows, equal: isEqual });
        await this.#options.pause?.(milliseconds);
      },
    });
  }

  /** Of one that differed the rows are wanted, so that it is compared again. */
  async #earlierVerdict(table: string): Promise<TableVerdict | null> {
    const proof = await this.#records.proof(table);
    if (proof === null || proof.verdict === 'different' || proof.at < this.#run.startedAt) return null;
    const { position, at, chunks, rows, checksum, unsettled } = proof;
    const verified = { table, position, at, chunks, repaired: 0 };
    return proof.verdict === 'equal'
      ? { tag: 'equal', rows, checksum, ...verified }
      : { tag: 'unsettled', rows, unsettled, ...verified };
  }

  async #done(verdict: TableVerdict): Promise<TableVerdict> {
    const done = [...new Set([...this.#run.done, verdict.table])];
    const { counts } = this.#run;
    const counted =
      this.#options.inCalls === undefined ? counts : { ...counts, [verdict.tag]: counts[verdict.tag] + 1 };
    await this.#put({ ...this.#run, done, current: null, counts: counted });
    return verdict;
  }

  /** Writes down what is known now, and tells where that is news. */
  async #prove(
    verdict: Exclude<TableVerdict, { tag: 'notComparable' }>,
    { totals, record }: Extract<TableComparison, { tag: 'compared' }>,
  ): Promise<void> {
    // What may be only on its way proves nothing.
    if (verdict.tag === 'different' && verdict.inFlight === 'possible') return;
    const { host, settings } = this.#context;
    const { table, position, at, chunks } = verdict;
    const before = await this.#records.proof(table);
    const differing = verdict.tag === 'different' ? verdict.differing : 0;
    const known = verdict.tag === 'equal' ? null : (before?.differsSince ?? null);
    const differsSince = verdict.tag === 'different' ? (known ?? at) : known;
    const { rows, sum: checksum } = totals.source;
    const proof: TableProof = {
      ...{ table, generation: record.generation, fingerprint: record.schema?.fingerprint ?? '' },
      ...{ verdict: verdict.tag, position, at, rows, chunks, checksum, differing },
      ...{ unsettled: totals.unsettled, destinationRows: totals.destination.rows, repaired: verdict.repaired },
      columns: [...new Set(totals.differences.flatMap(({ columns }) => columns))].sort(),
      differsSince,
    };
    await this.#records.putProof(proof);
    const did = before?.differsSince ?? null;
    if ((did === null) === (differsSince === null)) return;
    const state = differsSince === null ? 'cleared' : 'raised';
    const { pipeline } = settings;
    const generated = host.clock.timestamp();
    host.events.emit({
      type: 'TableDiffers',
      pipeline,
      generated,
      table,
      state,
      differing,
      position: placeText(position),
    });
  }

  async #put(run: VerificationRunRecord): Promise<void> {
    this.#run = { ...run, seenAt: this.#context.host.clock.timestamp() };
    await this.#records.putRun(nameOf(this.#options), this.#run);
  }
}

function nameOf({ name, inCalls }: VerifyOptions): VerificationName {
  return name ?? (inCalls === undefined ? 'demand' : CALLS);
}

function refuseOther({ ended, by, seenAt }: VerificationRunRecord, own: string, now: number): void {
  if (ended || by === null || by === own || now - millisecondsFromTimestamp(seenAt) >= SEEN_MILLISECONDS) return;
  throw new PenstockError('PS1008', `verification ${by} is under way, and was seen at ${seenAt}`, {
    remedy: 'Wait until it has ended, or stop it: twenty minutes after it was seen last another one may begin.',
  });
}
