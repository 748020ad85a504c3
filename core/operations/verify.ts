import type { ChunkRange } from '../changes/copy-mark.ts';
import { tableId } from '../changes/table-name.ts';
import type { TableSchema } from '../changes/table-schema.ts';
import { targetOf } from '../destinations/target-naming.ts';
import type { TargetTable } from '../destinations/target-table.ts';
import type { PipelineSettings, TableSettings } from '../pipeline/settings.ts';
import type { ChunkChecksum } from '../sources/source-connector.ts';
import { compareDigests, type RowDifference } from './compare-digests.ts';
import { catalogOf } from './contexts.ts';
import type { OperationContext } from './operation-context.ts';
import { selectionOf, tableSettings } from './pipeline-tables.ts';

export interface VerifyOptions {
  /** Table ids; null: all chosen tables. */
  readonly tables: readonly string[] | null;
}

export interface VerifyResult {
  readonly equal: boolean;
  readonly tables: readonly TableVerdict[];
}

/** `notComparable`: the copy is not meant to be equal (a WHERE, no initial extract, never copied); `reason` says why. */
export type TableVerdict =
  | { readonly tag: 'equal'; readonly table: string; readonly rows: number; readonly checksum: string }
  | {
      readonly tag: 'different';
      readonly table: string;
      readonly source: ChunkChecksum;
      readonly destination: ChunkChecksum;
      /** At most {@link LISTED_DIFFERENCES} of them. */
      readonly differences: readonly RowDifference[];
      readonly differing: number;
    }
  | { readonly tag: 'notComparable'; readonly table: string; readonly reason: string };

const LISTED_DIFFERENCES = 100;
/** A row in flight differs for a moment; one that differs the same way in all looks really does. */
const LOOKS = 3;
const PAUSE_MILLISECONDS = 3000;
const WHOLE: ChunkRange = { tag: 'whole' };

/**
 * Compares source and destination by checksums that both sides compute, and names the keys that differ.
 * Reads only; may run beside `run`: rows in flight are looked at again before they count.
 */
export async function verify(context: OperationContext, options: VerifyOptions): Promise<VerifyResult> {
  const { settings } = context;
  const ids = options.tables ?? settings.tables.map((table) => tableId(table.table));
  const verdicts: TableVerdict[] = [];
  for (const id of ids) {
    const verdict = await verifyTable(context, tableSettings(settings, id));
    verdicts.push(verdict);
    const rows = verdict.tag === 'equal' ? verdict.rows : verdict.tag === 'different' ? verdict.source.rows : 0;
    context.progress({ tag: 'verify', table: id, rows, equal: verdict.tag === 'equal' });
  }
  return { equal: verdicts.every((verdict) => verdict.tag !== 'different'), tables: verdicts };
}

interface ComparedTable {
  readonly settings: TableSettings;
  readonly schema: TableSchema;
  readonly target: TargetTable;
}

async function verifyTable(context: OperationContext, settings: TableSettings): Promise<TableVerdict> {
  const table = tableId(settings.table);
  const record = (await catalogOf(context).table(table))?.record ?? null;
  if (record === null || record.schema === null || record.state.tag === 'copying') {
    return { tag: 'notComparable', table, reason: 'it was not copied yet' };
  }
  const reason = whyNotComparable(settings);
  if (reason !== null) return { tag: 'notComparable', table, reason };
  const target = targetOf(context.settings satisfies PipelineSettings, settings, record.schema);
  return compareTable(context, table, { settings, schema: record.schema, target });
}

function whyNotComparable(settings: TableSettings): string | null {
  if (settings.where !== null) return 'its initial extract has a WHERE, which does not hold for deltas';
  if (settings.skipInitialExtract && !settings.redoInitialExtract) return 'its initial extract was skipped';
  return null;
}

async function compareTable(context: OperationContext, table: string, compared: ComparedTable): Promise<TableVerdict> {
  const hasDoubles = compared.schema.columns.some((column) => column.type.tag === 'double');
  let persistent: Map<string, RowDifference> | null = null;
  for (let look = 1; ; look++) {
    const [source, destination] = await checksums(context, compared);
    if (!hasDoubles && source.rows === destination.rows && source.sum === destination.sum) {
      return { tag: 'equal', table, rows: source.rows, checksum: source.sum };
    }
    const found = await differences(context, compared, persistent);
    if (found.size === 0 && (hasDoubles || look === LOOKS) && source.sum === destination.sum) {
      return { tag: 'equal', table, rows: source.rows, checksum: source.sum };
    }
    if (look === LOOKS) {
      const listed = [...found.values()].slice(0, LISTED_DIFFERENCES);
      if (found.size > 0)
        return { tag: 'different', table, source, destination, differences: listed, differing: found.size };
      return { tag: 'equal', table, rows: source.rows, checksum: source.sum };
    }
    persistent = found;
    await context.host.clock.sleep(PAUSE_MILLISECONDS, context.signal);
  }
}

async function checksums(
  context: OperationContext,
  { settings, schema, target }: ComparedTable,
): Promise<[ChunkChecksum, ChunkChecksum]> {
  const { source, destination, signal } = context;
  return Promise.all([
    source.checksum({ selection: selectionOf(settings), schema, range: WHOLE }, signal),
    destination.checksum(target, WHOLE, signal),
  ]);
}

/** Differences that were there the same way at the last look, too; all of them at the first. */
async function differences(
  context: OperationContext,
  { settings, schema, target }: ComparedTable,
  earlier: ReadonlyMap<string, RowDifference> | null,
): Promise<Map<string, RowDifference>> {
  const { source, destination, signal } = context;
  const found = new Map<string, RowDifference>();
  const request = { selection: selectionOf(settings), schema, range: WHOLE };
  const compared = compareDigests(source.rowDigests(request, signal), destination.rowDigests(target, WHOLE, signal));
  for await (const difference of compared) {
    const name = JSON.stringify([difference.kind, difference.key]);
    const before = earlier?.get(name);
    if (earlier !== null && before?.sourceDigest !== difference.sourceDigest) continue;
    found.set(name, difference);
    if (found.size >= MOST_DIFFERENCES) break;
  }
  return found;
}

/** Keys held in memory while differences are looked at again. */
const MOST_DIFFERENCES = 10_000;
