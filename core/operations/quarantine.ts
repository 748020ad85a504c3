import { rowKey } from '../changes/row-key.ts';
import type { QuarantineEntry, QuarantineMark } from '../destinations/destination.ts';
import { hasCode } from '../errors/penstock-error.ts';
import { MOST_FETCHED } from '../sources/source-connector.ts';
import { catalogOf } from './contexts.ts';
import type { OperationContext } from './operation-context.ts';
import { tableSettings } from './pipeline-tables.ts';
import { refetch } from './verification/refetch.ts';
import { placeText } from '../sources/place-text.ts';

export interface QuarantineListing {
  /** The newest first. */
  readonly entries: readonly QuarantineEntry[];
  /** What to ask for next, as `before`; null: that was all. */
  readonly next: string | null;
  /** Rows in quarantine of each table, on all pages. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
}

export interface RetriedTable {
  readonly table: string;
  /** Entries that were there. */
  readonly rows: number;
  /** Those that are gone: their rows fit now, or are gone at the source, or an older entry of a row that was set aside anew. */
  readonly settled: number;
  /** Rows that still do not fit. */
  readonly unfit: number;
  /** Why what is left was left; null: nothing was but rows that do not fit. */
  readonly reason: string | null;
}

/** A page's end as it is written: when, then which. */
const MARK = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)\/([0-9a-f]{16})$/;

/** What {@link QuarantineListing.next} says, read again; null where it is no such text. */
export function quarantineMark(text: string): QuarantineMark | null {
  const [, at, id] = MARK.exec(text) ?? [];
  return at === undefined || id === undefined ? null : { at, id };
}

/** Reads only. `tables`: ids; null: all, also those that are not chosen any more. @throws PenstockError PS1005 */
export async function listQuarantine(
  { destination, settings, signal }: OperationContext,
  asked: { readonly tables: readonly string[] | null; readonly before: QuarantineMark | null; readonly limit: number },
): Promise<QuarantineListing> {
  for (const id of asked.tables ?? []) tableSettings(settings, id);
  const counts = await destination.quarantineCounts(settings.pipeline, signal);
  const entries = await destination.quarantined({ ...asked, pipeline: settings.pipeline }, signal);
  const last = entries.at(-1);
  const next = last === undefined || entries.length < asked.limit ? null : `${last.at}/${last.id}`;
  const tables = [...counts].map(([table, rows]) => ({ table, rows }));
  const shown = entries.map((entry) => ({ ...entry, position: placeText(entry.position) }));
  return { entries: shown, next, tables: tables.filter(({ table }) => asked.tables?.includes(table) ?? true) };
}

/**
 * Fetches the rows in quarantine from the source again and loads those that fit now, exactly, also beside replication. A row that is
 * gone at the source is settled; one that does not fit stays, with the reason that it has now. Interrupted, it can be called again.
 * @throws PenstockError PS1005, PS1007 when the loader does not hand over; what concerns one table is in its result
 */
export async function retryQuarantine(
  context: OperationContext,
  tables: readonly string[] | null,
): Promise<RetriedTable[]> {
  const { destination, settings, signal } = context;
  for (const id of tables ?? []) tableSettings(settings, id);
  const counts = await destination.quarantineCounts(settings.pipeline, signal);
  const retried: RetriedTable[] = [];
  for (const [table, rows] of counts) {
    if (tables?.includes(table) === false) continue;
    retried.push({ table, rows, ...(await retryTable(context, table)) });
  }
  return retried;
}

async function retryTable(context: OperationContext, table: string): Promise<Omit<RetriedTable, 'table' | 'rows'>> {
  const { destination, settings, signal } = context;
  const { pipeline } = settings;
  let [settled, unfit, keyless, unsettled] = [0, 0, 0, 0];
  const reasons = (more: readonly string[]): string | null => {
    const all = [...(keyless > 0 ? [`${keyless} without a key by which they could be fetched`] : []), ...more];
    return all.length === 0 ? null : all.join('; ');
  };
  try {
    for (let before: QuarantineMark | null = null; ;) {
      const page = await destination.quarantined({ pipeline, tables: [table], before, limit: MOST_FETCHED }, signal);
      const fetchable = page.flatMap((entry) => (entry.key === null ? [] : [{ entry, key: entry.key }]));
      keyless += page.length - fetchable.length;
      if (fetchable.length > 0) {
        const done = await retryRows(context, table, fetchable);
        settled += await destination.releaseQuarantined(pipeline, done.release, signal);
        unfit += done.unfit;
        unsettled += done.unsettled;
      }
      if (page.length < MOST_FETCHED) break;
      before = page.at(-1) ?? null;
    }
  } catch (error) {
    if (!hasCode(error, 'PS5002', 'PS1005')) throw error;
    return { settled, unfit, reason: reasons([error.message]) };
  }
  const changing = unsettled === 0 ? [] : [`${unsettled} that change all the time: call again`];
  return { settled, unfit, reason: reasons(changing) };
}

interface Fetchable {
  readonly entry: QuarantineEntry;
  readonly key: readonly string[];
}

async function retryRows(
  context: OperationContext,
  table: string,
  rows: readonly Fetchable[],
): Promise<{ readonly release: readonly QuarantineMark[]; readonly unfit: number; readonly unsettled: number }> {
  const schema = (await catalogOf(context).table(table))?.record.schema ?? null;
  const nameOf = (key: readonly string[]): string => (schema === null ? JSON.stringify(key) : rowKey(schema, key));
  const keys = new Map(rows.map(({ key }) => [nameOf(key), key]));
  const { misfits, unsettled } = await refetch(context, table, [...keys.values()]);
  const changing = new Set(unsettled.map(nameOf));
  const unfit = new Set(misfits.map(({ key }) => nameOf(key)));
  // A row that does not fit was set aside anew where that is the policy: its older entries go. Where the policy is to stop, they stay.
  const isSetAside = tableSettings(context.settings, table).misfits === 'quarantine';
  const release = rows
    .filter(({ key }) => !changing.has(nameOf(key)) && (isSetAside || !unfit.has(nameOf(key))))
    .map(({ entry }) => entry);
  return { release, unfit: unfit.size, unsettled: changing.size };
}

/** Entries of one statement's worth that are dropped at once. */
const PAGE = 1000;

/** Takes the rows out of quarantine for good; the source and the destination's tables stay as they are. `tables`: null: all. @returns how many @throws PenstockError PS1005 */
export async function dropQuarantine(context: OperationContext, tables: readonly string[] | null): Promise<number> {
  const { destination, host, settings, signal } = context;
  for (const id of tables ?? []) tableSettings(settings, id);
  const { pipeline } = settings;
  let dropped = 0;
  for (let before: QuarantineMark | null = null; ;) {
    const page = await destination.quarantined({ pipeline, tables, before, limit: PAGE }, signal);
    dropped += await destination.releaseQuarantined(pipeline, page, signal);
    if (page.length < PAGE) break;
    before = page.at(-1) ?? null;
  }
  host.log.info('rows dropped from quarantine', { rows: dropped });
  return dropped;
}
