import type { DayRow, RunRow } from '../../../api/schemas/reports.ts';
import { counted } from '../../words/numbers.ts';
import { durationText } from '../../words/times.ts';

/** The parts of a run's time, from the source on; the vendor's colours in shades that are told apart on light and on dark. */
export const PARTS = [
  { name: 'dbDelay', title: 'DB delay', color: '#e07f1a' },
  { name: 'extract', title: 'Extract', color: '#4d8ff0' },
  { name: 'loadWait', title: 'Load wait', color: '#e0b100' },
  { name: 'load', title: 'Load', color: '#3ba755' },
] as const;

/** One bar: milliseconds. */
export type PerformanceBar = { readonly label: string; readonly total: number } & Readonly<
  Record<(typeof PARTS)[number]['name'], number>
>;

/** Identifiers of full extracts are longer than a bar is wide; their ends tell them apart. */
const LABEL = 8;

export function runBars(rows: readonly RunRow[]): PerformanceBar[] {
  return rows.map((row) => bar(row.runId.length > LABEL ? `…${row.runId.slice(-LABEL)}` : row.runId, row));
}

export function monthBars(rows: readonly DayRow[]): PerformanceBar[] {
  return rows.map((row) => bar(String(Number(row.date.slice(8))), row));
}

function bar(
  label: string,
  { total, dbDelay, extract, loadWait, load }: Omit<PerformanceBar, 'label'>,
): PerformanceBar {
  return { label, total, dbDelay, extract, loadWait, load };
}

/** What the chart shows, in a sentence. @param one what a bar is: `run`, `day` */
export function barsText(bars: readonly PerformanceBar[], one: string): string {
  const sum = (name: keyof Omit<PerformanceBar, 'label'>) => bars.reduce((all, each) => all + each[name], 0);
  const parts = PARTS.map(({ name, title }) => `${title} ${durationText(sum(name))}`);
  return `${counted(bars.length, one)}. Total ${durationText(sum('total'))}: ${parts.join(', ')}.`;
}
