import { count, counted } from '../cli/output/quantities.ts';
import { BENCH_TABLE, fillBenchTable, makeBacklog, SHORT_NOTE_BYTES } from './bench-table.ts';
import { BenchPipeline } from './bench-pipeline.ts';
import type { BenchServers } from './bench-servers.ts';
import { mergeAlone, readPrepared, type PreparedExtract } from './merge-alone.ts';
import { mergeBySql } from './merge-by-sql.ts';
import type { BenchOptions } from './options.ts';
import type { Report } from './report.ts';
import { sustainedRun } from './sustained-run.ts';

/** Design goals: this share of what the destination alone merges, and this many a second. */
const GOAL_SHARE = 0.5;
const GOAL_RATE = 25_000;
/** Threads as they are by default. */
const THREADS = 2;

/** A backlog in the log, drained by one delta; then the same extracts merged with everything prepared. */
export async function changesPart(servers: BenchServers, options: BenchOptions, report: Report): Promise<void> {
  const { rows, profiles } = options;
  report.title(`Changes: a backlog of about ${counted(rows, 'change')} at random keys of ${counted(rows, 'row')}`);
  await fillBenchTable(servers.client, rows, SHORT_NOTE_BYTES);
  await using pipeline = await BenchPipeline.make(servers, {
    ...{ name: 'changes', tables: [BENCH_TABLE], threads: THREADS, profiles },
  });
  await pipeline.perform('full-extract');
  await servers.connection.query('DROP DATABASE IF EXISTS alone');
  await servers.connection.query('CREATE DATABASE alone');
  await keepCopy(servers, 'alone.before');
  const changes = await makeBacklog(servers.client, rows, rows);
  const drained = await pipeline.perform('delta');
  if (drained.rows !== changes) throw new Error(`Penstock extracted ${drained.rows} changes of ${changes}`);
  const rate = (changes / drained.milliseconds) * 1000;
  report.figure('changes.penstock', rate, 'changes/s', `at least ${count(GOAL_RATE)}`);
  report.figure('changes.processorShare', (drained.cpuMilliseconds / drained.milliseconds) * 100, '% of one core');

  const prepared = await readPrepared(pipeline.configuration);
  const alone = await timed(servers, changes, `alone.${BENCH_TABLE}`, () =>
    mergeAlone(pipeline.configuration, 'alone', prepared),
  );
  report.figure('changes.destinationAlone', alone, "changes/s, Penstock's merge of prepared parts");
  const bySql = await timed(servers, changes, 'alone.by_sql', () => mergeBySql(servers, 'alone.by_sql', prepared));
  report.figure('changes.destinationBySql', bySql, 'changes/s, plain SQL of prepared parts');
  report.ratio('changes.ratio', rate / Math.max(alone, bySql), GOAL_SHARE);
  await expectSame(servers, `alone.${BENCH_TABLE}`, `changes.${BENCH_TABLE}`, prepared);
  await expectSame(servers, 'alone.by_sql', `changes.${BENCH_TABLE}`, prepared);
  await servers.connection.query('DROP DATABASE alone');
  if (options.minutes > 0) await sustainedRun(servers, pipeline, options, report);
}

/** Merges into a table that stands as it stood after the copy. @returns changes a second */
async function timed(
  servers: BenchServers,
  changes: number,
  table: string,
  merge: () => Promise<void>,
): Promise<number> {
  await servers.connection.query(`CREATE TABLE ${table} LIKE alone.before`);
  await servers.connection.query(`INSERT INTO ${table} SELECT * FROM alone.before`);
  const began = performance.now();
  await merge();
  return (changes / (performance.now() - began)) * 1000;
}

async function keepCopy(servers: BenchServers, table: string): Promise<void> {
  await servers.connection.query(`CREATE TABLE ${table} LIKE changes.${BENCH_TABLE}`);
  await servers.connection.query(`INSERT INTO ${table} SELECT * FROM changes.${BENCH_TABLE}`);
}

/** What is faster but ends elsewhere is no measure. */
async function expectSame(
  servers: BenchServers,
  a: string,
  b: string,
  prepared: readonly PreparedExtract[],
): Promise<void> {
  const [sums] = await servers.connection.query(`CHECKSUM TABLE ${a}, ${b}`);
  const [first, second] = (sums as { Checksum: number | string | null }[]).map((row) => String(row.Checksum));
  if (first !== second) {
    throw new Error(
      `${a} and ${b} differ after ${counted(prepared.length, 'extract')}: ${first ?? ''}, ${second ?? ''}`,
    );
  }
}
