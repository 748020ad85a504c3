import { count, counted } from '../cli/output/quantities.ts';
import { BENCH_COLUMNS } from './bench-columns.ts';
import { BENCH_TABLE, fillBenchTable, SHORT_NOTE_BYTES } from './bench-table.ts';
import { BenchPipeline } from './bench-pipeline.ts';
import type { BenchServers } from './bench-servers.ts';
import type { BenchOptions } from './options.ts';
import { rawPipe } from './raw-pipe.ts';
import type { Report } from './report.ts';
import { median } from './statistics.ts';

/** Design goal: Penstock's full extract reaches this share of the raw pipe. */
const GOAL = 0.8;

/** Threads as they are by default. */
const DEFAULT_THREADS = 2;

/** The full extract with one reader and one loader, and with the default of two, beside the raw pipe, in turns. */
export async function fullPart(servers: BenchServers, options: BenchOptions, report: Report): Promise<void> {
  report.title(`Full extract: ${counted(options.rows, 'row')}, 10 columns, one stream`);
  await fillBenchTable(servers, options.rows, SHORT_NOTE_BYTES);
  const size = await textBytes(servers);
  const [raw, penstock, parallel]: [number[], number[], number[]] = [[], [], []];
  for (let run = 1; run <= options.repeats; run++) {
    raw.push(rate(options.rows, await rawPipe(servers, options.rows)));
    penstock.push(rate(options.rows, await copyOnce(servers, options, run, 1)));
    parallel.push(rate(options.rows, await copyOnce(servers, options, run, DEFAULT_THREADS)));
    const [pipe, one, two] = [raw, penstock, parallel].map((rates) => count(rates.at(-1) ?? 0));
    report.note(
      `run ${run}: raw pipe ${pipe ?? ''} rows/s, Penstock ${one ?? ''}, with ${DEFAULT_THREADS} threads ${two ?? ''}`,
    );
  }
  const [rawMedian, penstockMedian] = [median(raw), median(penstock)];
  const megabytes = (rowsPerSecond: number) => (rowsPerSecond * size) / options.rows / 1e6;
  report.figure('full.bytesPerRow', size / options.rows, 'bytes as text');
  report.figure('full.rawPipe', rawMedian, `rows/s (${megabytes(rawMedian).toFixed(1)} MB/s)`);
  report.figure('full.penstock', penstockMedian, `rows/s (${megabytes(penstockMedian).toFixed(1)} MB/s)`);
  report.figure('full.penstockDefault', median(parallel), `rows/s with ${DEFAULT_THREADS} extract and load threads`);
  report.figure('full.ratioDefault', median(parallel) / rawMedian, 'of the raw pipe, which has one stream');
  report.ratio('full.ratio', penstockMedian / rawMedian, GOAL);
}

/** @returns milliseconds */
async function copyOnce(servers: BenchServers, options: BenchOptions, run: number, threads: number): Promise<number> {
  const { profiles } = options;
  await using pipeline = await BenchPipeline.make(servers, {
    ...{ name: `full${run}x${threads}`, tables: [BENCH_TABLE], threads, profiles },
  });
  const copied = await pipeline.perform('full-extract');
  if (copied.rows !== options.rows) throw new Error(`Penstock copied ${copied.rows} rows of ${options.rows}`);
  return copied.milliseconds;
}

async function textBytes(servers: BenchServers): Promise<number> {
  const [row] = await servers.client.rows(`SELECT SUM(${servers.bench.rowBytes(BENCH_COLUMNS)}) FROM ${BENCH_TABLE}`);
  return Number(row?.[0]);
}

function rate(rows: number, milliseconds: number): number {
  return (rows / milliseconds) * 1000;
}
