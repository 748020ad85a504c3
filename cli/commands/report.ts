import { catalogOf } from '../../core/operations/contexts.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { daysOfMonth, runsOfDay, type ReportScope, type RunCursor } from '../../core/operations/reports/reports.ts';
import { dayAt } from '../../core/reports/calendar.ts';
import type { DayRow, RunRow } from '../../core/reports/run-reports.ts';
import { csvLines } from '../output/csv.ts';
import { UsageError } from '../output/error-text.ts';
import { count, durationText, timeText } from '../output/quantities.ts';
import { left, right, textTable, type TextColumn } from '../output/text-table.ts';
import { wholeNumber } from '../output/whole-number.ts';
import type { OptionValues, Outcome, Verb } from '../verb.ts';

const PAGE = 50;
const LONGEST_PAGE = 100_000;

export const report: Verb = {
  name: 'report',
  summary: 'show the runs of a day or a month: what was extracted and loaded, and how long it took',
  takesTables: true,
  runsUntilStopped: false,
  word: {
    name: 'report',
    choices: ['runs', 'performance'],
    description: 'how much each run did, or where its time went',
  },
  flags: [
    { flags: '--day <date>', description: 'the runs of this day, as 2026-11-21 (default: today)' },
    { flags: '--month <month>', description: 'the days of this month, as 2026-11' },
    { flags: '--zone <name>', description: 'the time zone of days and times, as Europe/Berlin (default: your own)' },
    { flags: '--limit <n>', description: `of a day, show so many runs (default: ${PAGE})` },
    { flags: '--after <run>', description: 'of a day, the runs after this one: what a page ends with' },
    { flags: '--csv', description: 'as comma-separated values; durations in milliseconds' },
  ],
  async perform(context, { tables, values }) {
    const zone = text(values, 'zone') ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const [table = null, ...others] = tables ?? [];
    if (others.length > 0) throw new UsageError('report takes one --table, or none for all');
    const asked = { zone, table, isPerformance: values['report'] === 'performance', isCsv: values['csv'] === true };
    const month = text(values, 'month');
    const day = text(values, 'day');
    if (month !== null && day !== null) throw new UsageError('report takes --day or --month, not both');
    if (month !== null)
      return monthOutcome(month, asked, await daysOfMonth(reportContext(context), { ...asked, month }));
    const page = {
      day: day ?? dayAt(context.host.clock.now(), zone),
      after: cursorOf(text(values, 'after')),
      limit: wholeNumber('--limit', values['limit'], LONGEST_PAGE) ?? PAGE,
    };
    const { rows, next } = await runsOfDay(reportContext(context), { ...asked, ...page });
    return dayOutcome(page.day, asked, rows, next);
  },
};

interface Asked extends ReportScope {
  readonly isPerformance: boolean;
  readonly isCsv: boolean;
}

function reportContext(context: OperationContext) {
  return { host: context.host, catalog: catalogOf(context) };
}

function text(values: OptionValues, name: string): string | null {
  const value = values[name];
  return typeof value === 'string' ? value : null;
}

/** A column of a report: for people, and as comma-separated values. */
interface Column<Row> {
  readonly title: TextColumn;
  readonly shown: (row: Row, zone: string) => string;
  readonly raw: (row: Row) => string | number | null;
}

function number<Row>(title: string, of: (row: Row) => number): Column<Row> {
  return { title: right(title), shown: (row) => count(of(row)), raw: of };
}

function duration<Row>(title: string, of: (row: Row) => number): Column<Row> {
  return { title: right(title), shown: (row) => durationText(of(row)), raw: of };
}

function time<Row>(title: string, of: (row: Row) => string | null): Column<Row> {
  const shown = (row: Row, zone: string): string => {
    const at = of(row);
    return at === null ? '' : timeText(at, zone);
  };
  return { title: left(title), shown, raw: of };
}

function words<Row>(title: string, of: (row: Row) => string): Column<Row> {
  return { title: left(title), shown: of, raw: of };
}

const RUNS_OF_DAY: readonly Column<RunRow>[] = [
  words('run id', ({ runId }) => runId),
  number('file id', ({ fileId }) => fileId),
  time('extract start', ({ extractStart }) => extractStart),
  time('extract end', ({ extractEnd }) => extractEnd),
  duration('extract duration', ({ extract }) => extract),
  time('load start', ({ loadStart }) => loadStart),
  time('load end', ({ loadEnd }) => loadEnd),
  duration('load duration', ({ load }) => load),
  number('total tables', ({ totalTables }) => totalTables),
  number('loaded tables', ({ loadedTables }) => loadedTables),
  number('error tables', ({ errorTables }) => errorTables),
  number('initial', ({ initial }) => initial),
  number('inserts', ({ inserts }) => inserts),
  number('updates', ({ updates }) => updates),
  number('deletes', ({ deletes }) => deletes),
  words('status', ({ status }) => status),
];

const PERFORMANCE_OF_DAY: readonly Column<RunRow>[] = [
  words('run id', ({ runId }) => runId),
  time('load finish', ({ loadEnd }) => loadEnd),
  duration('total duration', ({ total }) => total),
  duration('db delay', ({ dbDelay }) => dbDelay),
  duration('extract', ({ extract }) => extract),
  duration('load wait', ({ loadWait }) => loadWait),
  duration('load', ({ load }) => load),
];

const RUNS_OF_MONTH: readonly Column<DayRow>[] = [
  words('date', ({ date }) => date),
  number('no. of runs', ({ runs }) => runs),
  number('records', ({ records }) => records),
  duration('extract duration', ({ extract }) => extract),
  duration('load duration', ({ load }) => load),
];

const PERFORMANCE_OF_MONTH: readonly Column<DayRow>[] = [
  words('date', ({ date }) => date),
  number('no. of runs', ({ runs }) => runs),
  duration('total duration', ({ total }) => total),
  duration('db delay', ({ dbDelay }) => dbDelay),
  duration('extract', ({ extract }) => extract),
  duration('load wait', ({ loadWait }) => loadWait),
  duration('load', ({ load }) => load),
];

function linesOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[], { zone, isCsv }: Asked): string[] {
  const titles = columns.map(({ title }) => title);
  if (isCsv) {
    const head = titles.map(({ title }) => title);
    return csvLines([head, ...rows.map((row) => columns.map(({ raw }) => raw(row)))]);
  }
  return textTable(
    titles,
    rows.map((row) => columns.map(({ shown }) => shown(row, zone))),
  );
}

function monthOutcome(month: string, asked: Asked, rows: readonly DayRow[]): Outcome {
  const lines = linesOf(asked.isPerformance ? PERFORMANCE_OF_MONTH : RUNS_OF_MONTH, rows, asked);
  const { zone, table } = asked;
  return { exitCode: 0, json: { month, zone, table, days: rows }, lines: orNone(lines, rows, `in ${month}`, asked) };
}

function dayOutcome(day: string, asked: Asked, rows: readonly RunRow[], next: RunCursor | null): Outcome {
  const { zone, table, isPerformance } = asked;
  const lines = linesOf(isPerformance ? PERFORMANCE_OF_DAY : RUNS_OF_DAY, rows, asked);
  const after = next === null ? null : cursorText(next);
  const more = after === null || asked.isCsv ? [] : [`more: add --after ${after}`];
  const json = { day, zone, table, runs: rows, after };
  return { exitCode: 0, json, lines: [...orNone(lines, rows, `on ${day}`, asked), ...more] };
}

function orNone(lines: string[], rows: readonly unknown[], when: string, { zone, isCsv }: Asked): string[] {
  return rows.length === 0 && !isCsv ? [`no runs ${when} (${zone})`] : lines;
}

/** `417`, or `417+copied#…` where the page has full extracts. */
function cursorText({ run, copy }: RunCursor): string {
  return copy === '' ? `${run}` : `${run}+${copy}`;
}

function cursorOf(given: string | null): RunCursor | null {
  if (given === null) return null;
  const [run = '', ...rest] = given.split('+');
  if (!/^-?\d+$/.test(run)) throw new UsageError(`--after ${given}: expected what a page ended with`);
  return { run: Number(run), copy: rest.join('+') };
}
