import type { Catalog } from '../../catalog/catalog.ts';
import type { CopyRunRecord, RunRecord, RunSums, SummaryRecord } from '../../catalog/run-records.ts';
import { TableNumbers } from '../../catalog/table-numbers.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Host } from '../../host/host.ts';
import { dayAt, isDay, isMonth, spanOfDay, type Span } from '../../reports/calendar.ts';
import { copyRow, dayRows, recordsOf, runRow, sumsIn, type DayRow, type RunRow } from '../../reports/run-reports.ts';
import { endedCopy, endedRun, QUARTER, quarterOf, summarised } from '../../reports/summaries.ts';
import { isZone } from '../../schedule/local-time.ts';

/** What reports are read from: the catalog alone, on every host. */
export interface ReportContext {
  readonly host: Pick<Host, 'items' | 'clock'>;
  readonly catalog: Catalog;
}

/** The time zone that days are counted in, and the one table that is looked at; null: all. */
export interface ReportScope {
  /** An IANA name. */
  readonly zone: string;
  readonly table: string | null;
}

/** Where a page of a day begins: behind this run and this full extract. */
export interface RunCursor {
  readonly run: number;
  readonly copy: string;
}

export interface RunPage {
  /** In the order of their ends. */
  readonly rows: readonly RunRow[];
  /** Give it as `after` for the next page; null: there is none. */
  readonly next: RunCursor | null;
}

/** Runs that are read at once. */
const READ = 500;
const HOUR = 3_600_000;

/**
 * The runs that ended on one day: the reports *Run Reports for Day* and *Performance for Day*. At most `limit` rows.
 * @throws PenstockError PS1001 for what is no day or zone, PS1005 for a table that no run has ever had
 */
export async function runsOfDay(
  context: ReportContext,
  request: ReportScope & { readonly day: string; readonly after: RunCursor | null; readonly limit: number },
): Promise<RunPage> {
  const { day, zone, after, limit } = request;
  if (!isDay(day)) throw unusable('day', day, 'expected a day such as 2026-11-21');
  checkZone(zone);
  const table = await numberOf(context, request.table);
  const range = rangeOf(await summariesIn(context.catalog, spanOfDay(day, zone)));
  const rows: RunRow[] = [];
  let cursor = after ?? { run: range.firstRun - 1, copy: range.firstCopy.slice(0, -1) };
  for (;;) {
    const found = await entriesAfter(context.catalog, cursor, range);
    for (const entry of found) {
      if (rows.length === limit) return { rows, next: cursor };
      cursor = entry.cursor;
      const row = entry.rowOf(table);
      if (row !== null) rows.push(row);
    }
    if (found.length === 0) return { rows, next: null };
  }
}

/**
 * The days of a month: *Run Reports for Month* and *Performance for Month*. Days without runs are left out.
 * @throws PenstockError PS1001 for what is no month or zone, PS1005 for a table that no run has ever had
 */
export async function daysOfMonth(
  context: ReportContext,
  request: ReportScope & { readonly month: string },
): Promise<DayRow[]> {
  const { month, zone } = request;
  if (!isMonth(month)) throw unusable('month', month, 'expected a month such as 2026-11');
  checkZone(zone);
  const table = await numberOf(context, request.table);
  const days = { from: spanOfDay(`${month}-01`, zone).from, to: spanOfDay(dayAfter(month), zone).from };
  return dayRows(month, zone, await summariesIn(context.catalog, days), table);
}

/** What was transferred in the last time, and when something was done last. */
export interface RecentRuns {
  /** The last 24 hours by hours, the oldest first; each begins at `from`, milliseconds since 1970. */
  readonly hours: readonly ({ readonly from: number } & RunSums)[];
  /** The days of this month. */
  readonly days: readonly DayRow[];
  /** Rows and changes of the last 24 hours. */
  readonly records: number;
  readonly lastExtract: { readonly number: number; readonly at: string } | null;
  readonly lastLoad: { readonly extract: number; readonly at: string } | null;
}

/** For a page that shows how a pipeline fares. @throws as {@link daysOfMonth} */
export async function recentRuns(context: ReportContext, scope: ReportScope): Promise<RecentRuns> {
  const { catalog, host } = context;
  checkZone(scope.zone);
  const now = host.clock.now();
  const table = await numberOf(context, scope.table);
  // Up to the end of the quarter that has begun.
  const to = (Math.floor(now / QUARTER) + 1) * QUARTER;
  const summaries = await summariesIn(catalog, { from: to - 24 * HOUR, to });
  const hours = Array.from({ length: 24 }, (_, index) => {
    const from = to - (24 - index) * HOUR;
    return { from, ...sumsIn(summaries, { from, to: from + HOUR }, table) };
  });
  const month = dayAt(now, scope.zone).slice(0, 7);
  const { lastExtract } = await catalog.head();
  const [last] = lastExtract === 0 ? [] : await catalog.extractsAfter(lastExtract - 1, 1);
  return {
    hours,
    days: await daysOfMonth(context, { ...scope, month }),
    records: hours.reduce((sum, hour) => sum + recordsOf(hour), 0),
    lastExtract: last === undefined ? null : { number: last.number, at: last.createdAt },
    lastLoad: await catalog.loadReport(),
  };
}

/** The sums of a span: those that are written, and what ended since. */
async function summariesIn({ runs }: Catalog, { from, to }: Span): Promise<SummaryRecord[]> {
  const latest = (await runs.lastSummary())?.record ?? null;
  const written = await runs.summaries(quarterOf(from), quarterOf(to));
  const fresh = new Map<string, SummaryRecord>();
  let newest = latest;
  for (;;) {
    const ended = await runs.after(newest?.lastRun ?? 0, READ);
    const copies = await runs.copiesAfter(newest?.lastCopy ?? '', READ);
    if (ended.length === 0 && copies.length === 0) break;
    const all = [...ended.map(endedRun), ...copies.map(({ sort, run }) => endedCopy(sort, run))];
    for (const record of summarised(newest, all)) {
      fresh.set(record.quarter, record);
      newest = record;
    }
  }
  const [first, end] = [quarterOf(from), quarterOf(to)];
  const unchanged = written.filter(({ quarter }) => !fresh.has(quarter));
  const changed = [...fresh.values()].filter(({ quarter }) => quarter >= first && quarter < end);
  return [...unchanged, ...changed].sort((a, b) => (a.quarter < b.quarter ? -1 : 1));
}

/** The runs that summaries hold; each first is behind its last where there are none. */
interface RunRange {
  readonly firstRun: number;
  readonly lastRun: number;
  readonly firstCopy: string;
  readonly lastCopy: string;
}

function rangeOf(summaries: readonly SummaryRecord[]): RunRange {
  const runs = summaries.filter(({ firstRun }) => firstRun > 0);
  const copies = summaries.filter(({ firstCopy }) => firstCopy !== '');
  return {
    firstRun: runs[0]?.firstRun ?? 1,
    lastRun: runs.at(-1)?.lastRun ?? 0,
    firstCopy: copies[0]?.firstCopy ?? '',
    lastCopy: copies.at(-1)?.lastCopy ?? '',
  };
}

interface Entry {
  readonly at: string;
  readonly cursor: RunCursor;
  readonly rowOf: (table: number | null) => RunRow | null;
}

/** The next runs and full extracts in the order of their ends. */
async function entriesAfter({ runs }: Catalog, after: RunCursor, range: RunRange): Promise<Entry[]> {
  const nextRuns = (await runs.after(after.run, READ)).filter(({ extract }) => extract <= range.lastRun);
  const nextCopies =
    range.lastCopy === ''
      ? []
      : (await runs.copiesAfter(after.copy, READ)).filter(({ sort }) => sort <= range.lastCopy);
  const entries: Entry[] = [];
  let cursor = after;
  const add = (run: RunRecord): void => {
    cursor = { ...cursor, run: run.extract };
    if (run.status !== 'covered') entries.push({ at: run.loadedAt, cursor, rowOf: (table) => runRow(run, table) });
  };
  const addCopy = ({ sort, run }: { readonly sort: string; readonly run: CopyRunRecord }): void => {
    cursor = { ...cursor, copy: sort };
    entries.push({ at: run.endedAt, cursor, rowOf: (table) => copyRow(run, table) });
  };
  for (const run of nextRuns) {
    while (nextCopies[0] !== undefined && nextCopies[0].run.endedAt <= run.loadedAt) {
      nextCopies.splice(0, 1).forEach(addCopy);
    }
    add(run);
  }
  // What comes after the last run of a full page is for the next one.
  if (nextRuns.length < READ) nextCopies.forEach(addCopy);
  return entries;
}

async function numberOf({ host, catalog }: ReportContext, table: string | null): Promise<number | null> {
  if (table === null) return null;
  const number = (await TableNumbers.given(host, catalog.pipeline)).get(table);
  if (number !== undefined) return number;
  throw new PenstockError('PS1005', `no run of ${catalog.pipeline} has had the table ${table} yet`, { table });
}

function checkZone(zone: string): void {
  if (!isZone(zone)) throw unusable('time zone', zone, 'expected a name such as Europe/Berlin, or UTC');
}

function unusable(what: string, text: string, remedy: string): PenstockError {
  return new PenstockError('PS1001', `the ${what} ${text}: ${remedy}`, { remedy: `Give another ${what}.` });
}

/** The first day of the next month. */
function dayAfter(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
}
