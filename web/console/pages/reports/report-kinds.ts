import type { DayRow, RunRow } from '../../../api/schemas/reports.ts';
import { wholeNumber } from '../../words/numbers.ts';
import { clockText, durationText } from '../../words/times.ts';

/** The four reports, their columns in the vendor's order, and what their cells say. Pure. */

export type ReportKind = 'runs-month' | 'runs-day' | 'performance-month' | 'performance-day';

export const REPORTS: readonly { readonly kind: ReportKind; readonly title: string }[] = [
  { kind: 'runs-month', title: 'Run Reports for Month' },
  { kind: 'runs-day', title: 'Run Reports for Day' },
  { kind: 'performance-month', title: 'Performance for Month' },
  { kind: 'performance-day', title: 'Performance for Day' },
];

export function isOfDay(kind: ReportKind): boolean {
  return kind === 'runs-day' || kind === 'performance-day';
}

export function isPerformance(kind: ReportKind): boolean {
  return kind === 'performance-month' || kind === 'performance-day';
}

export interface ReportColumn<Row> {
  readonly id: string;
  readonly header: string;
  /** Numbers and durations stand at the right. */
  readonly isNumber: boolean;
  /** @param zone an IANA name */
  readonly text: (row: Row, zone: string) => string;
}

type NumberOf<Row> = { [Name in keyof Row]: Row[Name] extends number ? Name : never }[keyof Row] & string;
type TimeOf<Row> = { [Name in keyof Row]: Row[Name] extends string | null ? Name : never }[keyof Row] & string;

function count<Row>(id: NumberOf<Row>, header: string): ReportColumn<Row> {
  return { id, header, isNumber: true, text: (row) => wholeNumber(Number(row[id])) };
}

function duration<Row>(id: NumberOf<Row>, header: string): ReportColumn<Row> {
  return { id, header, isNumber: true, text: (row) => durationText(Number(row[id])) };
}

/** A time of the day: the zone stands above the report. */
function time<Row>(id: TimeOf<Row>, header: string): ReportColumn<Row> {
  return {
    ...{ id, header, isNumber: false },
    text: (row, zone) => {
      const at = row[id];
      return typeof at === 'string' ? clockText(at, zone) : 'not known';
    },
  };
}

const RUN_ID: ReportColumn<RunRow> = { id: 'runId', header: 'Run ID', isNumber: false, text: ({ runId }) => runId };
const DATE: ReportColumn<DayRow> = { id: 'date', header: 'Date', isNumber: false, text: ({ date }) => date };

const RUN_COLUMNS: readonly ReportColumn<RunRow>[] = [
  RUN_ID,
  count('fileId', 'File ID'),
  time('extractStart', 'Extract start'),
  time('extractEnd', 'Extract end'),
  duration('extract', 'Extract duration'),
  time('loadStart', 'Load start'),
  time('loadEnd', 'Load end'),
  duration('load', 'Load duration'),
  count('totalTables', 'Total tables'),
  count('loadedTables', 'Loaded tables'),
  count('errorTables', 'Error tables'),
  count('initial', 'Initial'),
  count('inserts', 'Inserts'),
  count('updates', 'Updates'),
  count('deletes', 'Deletes'),
  { id: 'status', header: 'Status', isNumber: false, text: ({ status }) => STATUSES[status] ?? status },
];

const STATUSES: Readonly<Record<string, string>> = {
  loaded: 'Loaded',
  errors: 'With stopped tables',
  recovered: 'Loaded, times not known',
};

const RUN_PERFORMANCE: readonly ReportColumn<RunRow>[] = [
  RUN_ID,
  time('loadEnd', 'Load finish'),
  duration('total', 'Total duration'),
  duration('dbDelay', 'DB delay duration'),
  duration('extract', 'Extract duration'),
  duration('loadWait', 'Load wait duration'),
  duration('load', 'Load duration'),
];

const DAY_COLUMNS: readonly ReportColumn<DayRow>[] = [
  DATE,
  count('runs', 'No. of runs'),
  count('records', 'Records'),
  duration('extract', 'Extract duration'),
  duration('load', 'Load duration'),
];

const DAY_PERFORMANCE: readonly ReportColumn<DayRow>[] = [
  DATE,
  count('runs', 'No. of runs'),
  duration('total', 'Total duration'),
  duration('dbDelay', 'DB delay duration'),
  duration('extract', 'Extract duration'),
  duration('loadWait', 'Load wait duration'),
  duration('load', 'Load duration'),
];

export function runColumns(kind: ReportKind): readonly ReportColumn<RunRow>[] {
  return kind === 'runs-day' ? RUN_COLUMNS : RUN_PERFORMANCE;
}

export function dayColumns(kind: ReportKind): readonly ReportColumn<DayRow>[] {
  return kind === 'runs-month' ? DAY_COLUMNS : DAY_PERFORMANCE;
}
