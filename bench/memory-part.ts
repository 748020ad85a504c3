import { counted } from '../cli/output/quantities.ts';
import { BENCH_TABLE, fillBenchTable, LONG_NOTE_BYTES } from './bench-table.ts';
import { BenchPipeline } from './bench-pipeline.ts';
import type { BenchServers } from './bench-servers.ts';
import type { OperationReport } from './operation-report.ts';
import type { BenchOptions } from './options.ts';
import type { Report } from './report.ts';

/** Design goal for every process of Penstock. */
export const MEMORY_GOAL_BYTES = 300e6;
/** The transaction changes this share of the rows. */
const TRANSACTION_SHARE = 0.4;
const THREADS = 2;

/** The most memory that Penstock's process has resident: over a copy, and over one transaction that is larger than memory. */
export async function memoryPart(servers: BenchServers, options: BenchOptions, report: Report): Promise<void> {
  const { memoryRows, profiles } = options;
  report.title(`Memory: ${counted(memoryRows, 'row')} of about 250 bytes`);
  await using pipeline = await makeMemoryPipeline(servers, memoryRows, profiles);
  const copied = await copyAll(pipeline, memoryRows);
  report.figure('memory.start', copied.startBytes / 1e6, 'MB before the operation');
  report.figure('memory.copySpeed', (copied.rows / copied.milliseconds) * 1000, 'rows/s');
  report.bytes('memory.copyPeak', copied.peakBytes, MEMORY_GOAL_BYTES);

  const changes = Math.round(memoryRows * TRANSACTION_SHARE);
  report.note(`one transaction of ${counted(changes, 'change')}`);
  await servers.client.run(`UPDATE ${BENCH_TABLE} SET amount = amount + 1 WHERE id <= ${changes}`);
  const drained = await pipeline.perform('delta');
  if (drained.rows !== changes) throw new Error(`Penstock extracted ${drained.rows} changes of ${changes}`);
  report.figure('memory.transactionSpeed', (changes / drained.milliseconds) * 1000, 'changes/s');
  report.bytes('memory.transactionPeak', drained.peakBytes, MEMORY_GOAL_BYTES);
}

/** A table of `rows` rows of about 250 bytes, and a pipeline that has not copied it yet. */
export async function makeMemoryPipeline(
  servers: BenchServers,
  rows: number,
  profiles: string | null,
): Promise<BenchPipeline> {
  await fillBenchTable(servers, rows, LONG_NOTE_BYTES);
  return BenchPipeline.make(servers, { name: 'memory', tables: [BENCH_TABLE], threads: THREADS, profiles });
}

/** @throws Error when it does not copy all rows */
export async function copyAll(pipeline: BenchPipeline, rows: number): Promise<OperationReport> {
  const copied = await pipeline.perform('full-extract');
  if (copied.rows !== rows) throw new Error(`Penstock copied ${copied.rows} rows of ${rows}`);
  return copied;
}
