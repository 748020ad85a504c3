import type { Catalog } from '../../catalog/catalog.ts';
import type { RunRecord } from '../../catalog/run-records.ts';
import { millisecondsBetween } from '../../changes/timestamp.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import type { LoadedSince } from '../../events/event.ts';
import type { Host } from '../../host/host.ts';
import { endedCopy, endedRun, summarised } from '../../reports/summaries.ts';

/** Runs that are added at once, and how often at most in one call. */
const RUNS = 2000;
const ROUNDS = 10;
const SUMMARISE_MILLISECONDS = 60_000;

/**
 * Adds the runs that have ended since the last call to the sums of their quarters of an hour, and tells of the loads as a status. A run is
 * in a sum once, wherever this is interrupted: what a sum holds is written with it. Makes no error of a call that was first.
 * @throws PenstockError PS3004
 */
export async function summariseRuns(host: Summarising, catalog: Catalog): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const ended = await summariseSome(host, catalog);
    if (ended < RUNS) return;
  }
}

type Summarising = Pick<Host, 'clock' | 'events' | 'items'>;

/** @returns how many runs were added; 0 where another process was first */
async function summariseSome(host: Summarising, { pipeline, runs }: Catalog): Promise<number> {
  const latest = await runs.lastSummary();
  const ended = await runs.after(latest?.record.lastRun ?? 0, RUNS);
  const copies = await runs.copiesAfter(latest?.record.lastCopy ?? '');
  const last = ended.at(-1);
  if (last === undefined && copies.length === 0) return 0;
  const all = [...ended.map(endedRun), ...copies.map(({ sort, run }) => endedCopy(sort, run))];
  const now = host.clock.now();
  try {
    for (const record of summarised(latest?.record ?? null, all)) {
      const version = latest?.record.quarter === record.quarter ? latest.version : null;
      await runs.putSummary(record, version, now);
    }
  } catch (error) {
    if (!hasCode(error, 'PS3005')) throw error;
    return 0;
  }
  const since = loadedSince(ended);
  if (last !== undefined && since.loads > 0) {
    const generated = host.clock.timestamp();
    host.events.emit({ type: 'Status', role: 'loader', pipeline, generated, loaded: last.extract, ...since });
  }
  await host.items.removeExpired(now);
  return ended.length;
}

/** {@link summariseRuns} about once a minute, until the signal aborts, and once more then. What goes wrong is made good for by the next call. */
export async function summariseForever(host: Host, catalog: Catalog, signal: AbortSignal): Promise<void> {
  const ended = (): boolean => signal.aborted;
  for (;;) {
    await host.clock.sleep(SUMMARISE_MILLISECONDS, signal).catch(() => undefined);
    try {
      await summariseRuns(host, catalog);
    } catch (error) {
      host.log.warn('runs not summed up', { reason: error instanceof Error ? error.message : String(error) });
    }
    if (ended()) return;
  }
}

function loadedSince(runs: readonly RunRecord[]): LoadedSince {
  const loads = runs.filter(({ status }) => status !== 'covered');
  return {
    loads: loads.length,
    loadedRows: loads.reduce((sum, { inserts, updates, deletes }) => sum + inserts + updates + deletes, 0),
    tableErrors: loads.reduce((sum, { errors }) => sum + errors, 0),
    worstLagMilliseconds: Math.max(0, ...loads.map((run) => millisecondsBetween(run.sourceDate, run.loadedAt))),
  };
}
