import { setTimeout as sleep } from 'node:timers/promises';
import { count, counted, durationText } from '../cli/output/quantities.ts';
import type { BenchPipeline } from './bench-pipeline.ts';
import type { BenchServers } from './bench-servers.ts';
import type { BenchOptions } from './options.ts';
import type { Report } from './report.ts';
import { percentile } from './statistics.ts';
import { writeSteadily } from './steady-writer.ts';

const WRITERS = 2;
const CHANGES_PER_TRANSACTION = 500;
const NOTE_SECONDS = 30;

interface Load {
  readonly at: number;
  readonly rows: number;
  readonly lag: number;
}

/** Changes at a steady rate for minutes: whether lag stays flat, and at what rate. */
export async function sustainedRun(
  servers: BenchServers,
  pipeline: BenchPipeline,
  options: BenchOptions,
  report: Report,
): Promise<void> {
  const { rate, minutes, rows } = options;
  report.title(`Sustained: ${count(rate)} changes/s for ${counted(minutes, 'minute')}`);
  const clients = await Promise.all(Array.from({ length: WRITERS }, () => servers.connectSource()));
  for (const statement of servers.bench.session) await Promise.all(clients.map((client) => client.run(statement)));
  const loads: Load[] = [];
  const stopping = new AbortController();
  await using running = await pipeline.start('run', ({ rows: loaded, lagMilliseconds }) =>
    loads.push({ at: performance.now(), rows: loaded, lag: lagMilliseconds }),
  );
  const began = performance.now();
  const changesPerSecond = rate / WRITERS;
  const writing = Promise.all(
    clients.map((client, index) =>
      writeSteadily(
        client,
        { keys: share(rows, index), changesPerSecond, changesPerTransaction: CHANGES_PER_TRANSACTION },
        stopping.signal,
      ),
    ),
  );
  try {
    for (let second = NOTE_SECONDS; second <= minutes * 60; second += NOTE_SECONDS) {
      await Promise.race([sleep(NOTE_SECONDS * 1000), running.report]);
      report.note(noteText(loads, performance.now() - NOTE_SECONDS * 1000));
    }
  } finally {
    stopping.abort();
  }
  const written = sum(await writing);
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  const end = await running.stop();
  report.figure('sustained.written', written / seconds, 'changes/s at the source');
  report.figure('sustained.loaded', sum(loads.map((load) => load.rows)) / seconds, 'changes/s at the destination');
  const [first, last] = [within(loads, began, seconds, 0, 0.25), within(loads, began, seconds, 0.75, 1)];
  report.figure('sustained.lagFirstQuarter', percentile(first, 0.5), 'ms, median');
  report.figure('sustained.lagLastQuarter', percentile(last, 0.5), 'ms, median');
  report.figure('sustained.peakMemory', end.peakBytes / 1e6, 'MB');
}

/** The keys of writer `index`. */
function share(rows: number, index: number): { first: number; last: number } {
  return { first: Math.floor((rows * index) / WRITERS) + 1, last: Math.floor((rows * (index + 1)) / WRITERS) };
}

function noteText(loads: readonly Load[], since: number): string {
  const recent = loads.filter((load) => load.at >= since);
  if (recent.length === 0) return 'nothing was loaded';
  const speed = sum(recent.map((load) => load.rows)) / NOTE_SECONDS;
  const lag = durationText(
    percentile(
      recent.map((load) => load.lag),
      0.5,
    ),
  );
  return `${count(speed)} changes/s, lag ${lag}`;
}

/** Lags of the loads in a part of the run; both ends as shares of it. */
function within(loads: readonly Load[], began: number, seconds: number, from: number, to: number): number[] {
  const [low, high] = [began + seconds * 1000 * from, began + seconds * 1000 * to];
  return loads.filter((load) => load.at >= low && load.at <= high).map((load) => load.lag);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
