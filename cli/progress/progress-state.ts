import type { Progress } from '../../core/operations/operation-context.ts';
import { bytesText, count, durationText } from '../output/quantities.ts';

/** What was reported so far, for displays. Pure: the time of each report is given, in milliseconds. */

export type CopyUpdate = Extract<Progress, { tag: 'copy' }>;

/** One table's copy. */
export interface CopyState {
  readonly latest: CopyUpdate;
  /** When its first rows were asked for; null while it waits. */
  readonly begun: number | null;
  readonly updated: number;
  /** Rows that an earlier run had loaded already: not part of this run's speed. */
  readonly rowsAtBegin: number;
}

export function copyState(before: CopyState | null, latest: CopyUpdate, now: number): CopyState {
  const begun = before?.begun ?? (latest.state === 'waiting' ? null : now);
  const rowsAtBegin = before?.begun === null || before === null ? latest.rows : before.rowsAtBegin;
  return { latest, begun, updated: now, rowsAtBegin };
}

export function isEnd({ state }: CopyUpdate): boolean {
  return state === 'done' || state === 'failed';
}

/** In [0, 1]; null where the number of rows is not known. A running copy never shows all. */
export function copyFraction({ latest }: CopyState): number | null {
  if (latest.state === 'done') return 1;
  if (latest.estimatedRows === null || latest.estimatedRows <= 0) return null;
  return Math.min(0.99, latest.rows / latest.estimatedRows);
}

/** `copying  120,000 of ~200,000 rows  12.3 MB  45,000 rows/s  ETA 1.8 s` */
export function copyText(copy: CopyState): string {
  const { latest } = copy;
  const rate = copyRate(copy);
  const parts = [latest.state.padEnd('finishing'.length), rowsText(latest), bytesText(latest.bytes)];
  if (rate !== null) parts.push(`${count(rate)} rows/s`);
  const missing = (latest.estimatedRows ?? 0) - latest.rows;
  if (latest.state === 'copying' && rate !== null && rate > 0 && missing > 0) {
    parts.push(`ETA ${durationText((missing / rate) * 1000)}`);
  }
  return parts.join('  ');
}

function rowsText({ state, rows, estimatedRows }: CopyUpdate): string {
  const isEstimateOfUse = estimatedRows !== null && state !== 'done' && estimatedRows > rows;
  return isEstimateOfUse ? `${count(rows)} of ~${count(estimatedRows)} rows` : `${count(rows)} rows`;
}

function copyRate({ latest, begun, updated, rowsAtBegin }: CopyState): number | null {
  if (begun === null || updated <= begun) return null;
  return ((latest.rows - rowsAtBegin) / (updated - begun)) * 1000;
}

/** How far the log was followed and loaded. */
export interface FollowState {
  readonly extract: number | null;
  readonly load: number | null;
  readonly extractedRows: number;
  readonly loadedRows: number;
  readonly lagMilliseconds: number | null;
  /** Loads of the last seconds, for the speed. */
  readonly recent: readonly { readonly at: number; readonly rows: number }[];
}

export const NOTHING_FOLLOWED: FollowState = {
  extract: null,
  load: null,
  extractedRows: 0,
  loadedRows: 0,
  lagMilliseconds: null,
  recent: [],
};

const RATE_WINDOW_MILLISECONDS = 10_000;
const MOST_RECENT = 1000;

export function followState(
  before: FollowState,
  update: Extract<Progress, { tag: 'extract' | 'load' }>,
  now: number,
): FollowState {
  if (update.tag === 'extract') {
    const lagMilliseconds = before.lagMilliseconds ?? update.lagMilliseconds;
    return { ...before, extract: update.extract, extractedRows: before.extractedRows + update.rows, lagMilliseconds };
  }
  const kept = before.recent.filter(({ at }) => now - at < RATE_WINDOW_MILLISECONDS).slice(-MOST_RECENT);
  return {
    ...before,
    load: update.extract,
    loadedRows: before.loadedRows + update.rows,
    lagMilliseconds: update.lagMilliseconds,
    recent: [...kept, { at: now, rows: update.rows }],
  };
}

/** `extract 15, loaded 14  45,231 changes  3,210 changes/s  lag 420 ms` */
export function followText(follow: FollowState, now: number): string {
  const parts = [
    `extract ${follow.extract ?? '-'}, loaded ${follow.load ?? '-'}`,
    `${count(follow.loadedRows)} changes`,
  ];
  const recent = follow.recent.filter(({ at }) => now - at < RATE_WINDOW_MILLISECONDS);
  const first = recent[0];
  if (first !== undefined && now - first.at >= 1000) {
    // The first load's rows came before the time that is measured.
    const rows = recent.slice(1).reduce((sum, load) => sum + load.rows, 0);
    parts.push(`${count((rows / (now - first.at)) * 1000)} changes/s`);
  }
  if (follow.lagMilliseconds !== null) parts.push(`lag ${durationText(follow.lagMilliseconds)}`);
  return parts.join('  ');
}
