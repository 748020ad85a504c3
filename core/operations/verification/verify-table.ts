import type { TableRecord } from '../../catalog/records.ts';
import type { VerificationRunRecord } from '../../catalog/verification-records.ts';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import { tableId } from '../../changes/table-name.ts';
import { targetOf } from '../../destinations/target-naming.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import type { TableSettings } from '../../pipeline/settings.ts';
import { haveSameColumns } from '../../sources/same-structure.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { selectionOf } from '../pipeline-tables.ts';
import { compareChunk } from './compare-chunk.ts';
import type { ComparedTable } from './compared-table.ts';
import { settleKeys } from './settle-keys.ts';
import { settleRows } from './settle-rows.ts';
import { addChunk, addSettled, areEqual, NOTHING, rangesBehind, type TableTotals } from './table-totals.ts';
import { Flights } from './window.ts';

/** A table's comparison, as far as it came. */
export type TableComparison =
  | { readonly tag: 'compared'; readonly totals: TableTotals; readonly position: string; readonly record: TableRecord }
  | { readonly tag: 'notComparable'; readonly reason: string }
  /** It was enough: the rest another time. */
  | { readonly tag: 'paused' };

type Current = NonNullable<VerificationRunRecord['current']>;

export interface ComparisonOptions {
  /** A comparison that was interrupted; null: none. */
  readonly known: Current | null;
  /** Called after each chunk, with how far the table was compared (null: that cannot be gone on with) and how long the chunk took, in milliseconds. */
  readonly onChunk: (current: Current | null, totals: TableTotals, milliseconds: number) => Promise<void>;
  /** Asked before each chunk. */
  readonly isEnough: () => boolean;
  /** Whether only counts are wanted: then a table that differs is gone on with, too. */
  readonly onlyCounts: boolean;
}

/** Rows of a table that are looked at one by one. */
const MOST_DIFFERENCES = 10_000;

export async function compareTable(
  context: OperationContext,
  settings: TableSettings,
  options: ComparisonOptions,
): Promise<TableComparison> {
  const table = tableId(settings.table);
  const record = (await catalogOf(context).table(table))?.record ?? null;
  const reason = whyNotComparable(settings, record);
  if (reason !== null || record?.schema === null || record === null) {
    return { tag: 'notComparable', reason: reason ?? 'it was not copied yet' };
  }
  const selection = selectionOf(settings);
  const target = targetOf(context.settings, settings, record.schema);
  const compared: ComparedTable = { table, selection, schema: record.schema, target };
  const change = await structureChange(context, compared);
  if (change !== null) return { tag: 'notComparable', reason: change };
  const found = await compareChunks(context, compared, record, options);
  if (found === null) return { tag: 'paused' };
  if (areEqual(found.totals)) return { tag: 'compared', ...found, record };
  // What was in flight when another copy of the table began is in that copy, and no extract tells of it.
  const now = (await catalogOf(context).table(table))?.record.generation;
  if (now !== record.generation) return compareTable(context, settings, { ...options, known: null });
  // An ALTER TABLE that came between makes all rows different.
  const later = await structureChange(context, compared);
  return later === null ? { tag: 'compared', ...found, record } : { tag: 'notComparable', reason: later };
}

function whyNotComparable(settings: TableSettings, record: TableRecord | null): string | null {
  if (record === null || record.schema === null || record.state.tag === 'copying') return 'it was not copied yet';
  if (record.state.tag === 'stopped') return `it is stopped: ${record.state.message}`;
  if (settings.where !== null) return 'its initial extract has a WHERE, which does not hold for deltas';
  if (settings.skipInitialExtract && !settings.redoInitialExtract) return 'its initial extract was skipped';
  return null;
}

/** Why both sides have other columns; null: they have the same. */
async function structureChange(
  { source, signal }: OperationContext,
  { table, selection, schema }: ComparedTable,
): Promise<string | null> {
  try {
    const [now] = await source.describeTables([selection], signal);
    if (now !== undefined && haveSameColumns(now, schema)) return null;
    return `its structure at the source is another one by now: run \`penstock sync-structure --table ${table}\``;
  } catch (error) {
    if (!hasCode(error, 'PS1001', 'PS1005', 'PS1006', 'PS2011')) throw error;
    return error.message;
  }
}

async function compareChunks(
  context: OperationContext,
  compared: ComparedTable,
  record: TableRecord,
  { known, onChunk, isEnough, onlyCounts }: ComparisonOptions,
): Promise<{ readonly totals: TableTotals; readonly position: string } | null> {
  const { source, settings, host, signal } = context;
  const { table, selection, schema } = compared;
  const stands = { table, generation: record.generation, fingerprint: schema.fingerprint };
  const isSame =
    known?.table === table && known.generation === stands.generation && known.fingerprint === stands.fingerprint;
  const planned = await source.planRanges(selection, schema, settings.extracts.chunkBytes, signal);
  const rest = isSame ? rangesBehind(planned, known.doneUpTo) : null;
  const begun = isSame && rest !== null && (onlyCounts || known.differing === null) ? known : null;
  const position = begun?.position ?? (await source.currentPosition(signal)).order;
  const progress = new TableProgress(context, compared, begun === null ? NOTHING : totalsOf(begun));
  const ranges = begun === null || rest === null ? planned : rest;
  const tell = async (range: ChunkRange, milliseconds: number): Promise<void> => {
    const mayGoOn = progress.isSettled && (onlyCounts || areEqual(progress.totals));
    const doneUpTo = mayGoOn && range.tag === 'key' ? range.upTo : null;
    const current = doneUpTo === null ? null : { ...stands, position, doneUpTo, ...standingOf(progress.totals) };
    await onChunk(current, progress.totals, milliseconds);
  };
  for (const [index, range] of ranges.entries()) {
    if (isEnough()) {
      const before = ranges[index - 1];
      // What stays unsettled would have to be compared once more.
      if (onlyCounts && !progress.isSettled && before !== undefined) {
        await progress.settle();
        await tell(before, 0);
      }
      return null;
    }
    const began = host.clock.now();
    await progress.compare(range, index === ranges.length - 1);
    await tell(range, host.clock.now() - began);
    // The rest would not change the verdict, and costs the source as much.
    if (progress.isEnough) break;
  }
  return { totals: progress.totals, position };
}

/** Rows that seem to differ are looked at again together: most of them were only in flight, and each look waits for the log. */
const SETTLED_AT_ONCE = 1000;

class TableProgress {
  readonly #context: OperationContext;
  readonly #compared: ComparedTable;
  readonly #flights: Flights;
  #totals: TableTotals;
  #suspects: (readonly string[])[] = [];

  constructor(context: OperationContext, compared: ComparedTable, totals: TableTotals) {
    this.#context = context;
    this.#compared = compared;
    this.#flights = new Flights(context);
    this.#totals = totals;
  }

  get totals(): TableTotals {
    return this.#totals;
  }

  /** Whether of all that was compared it is known whether it is equal. */
  get isSettled(): boolean {
    return this.#suspects.length === 0;
  }

  get isEnough(): boolean {
    return this.#totals.isMore;
  }

  /** `isLast`: what seems to differ is looked at again now. */
  async compare(range: ChunkRange, isLast: boolean): Promise<void> {
    const most = Math.max(1, MOST_DIFFERENCES - this.#totals.differences.length - this.#totals.earlier);
    const look = await compareChunk(this.#context, this.#compared, range, most);
    this.#totals = addChunk(this.#totals, look);
    this.#suspects.push(...look.suspects);
    if (this.#suspects.length >= SETTLED_AT_ONCE || isLast) await this.settle();
    if (look.isMore && this.#totals.differences.length > 0) this.#totals = { ...this.#totals, isMore: true };
  }

  /** Looks again at what seems to differ. */
  async settle(): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = [];
    if (suspects.length === 0) return;
    const settled =
      this.#compared.schema.identity.tag === 'row'
        ? await settleRows(this.#context, this.#compared, this.#flights, MOST_DIFFERENCES)
        : await settleKeys(this.#context, this.#compared, this.#flights, suspects);
    this.#totals = addSettled(this.#totals, settled);
  }
}

type Standing = Pick<Current, 'chunks' | 'rows' | 'sum' | 'unsettled' | 'differing'>;

function standingOf(totals: TableTotals): Standing {
  const { source, destination, chunks, unsettled, differences, earlier, overlaps, inFlight } = totals;
  const differing = { rows: differences.length + earlier, overlaps, inFlight, destination };
  return { chunks, ...source, unsettled, differing: areEqual(totals) ? null : differing };
}

function totalsOf({ rows, sum, chunks, unsettled, differing }: Standing): TableTotals {
  const source = { rows, sum };
  const same = { ...NOTHING, source, destination: source, chunks, unsettled };
  if (differing === null) return same;
  const { rows: earlier, overlaps, inFlight, destination } = differing;
  return { ...same, earlier, overlaps, inFlight, destination };
}
