import { count, counted } from '../cli/output/quantities.ts';
import { BENCH_TABLE, fillBenchTable, makeBacklog, SHORT_NOTE_BYTES } from './bench-table.ts';
import { BenchPipeline } from './bench-pipeline.ts';
import type { BenchServers } from './bench-servers.ts';
import { mergeAlone, readPrepared } from './merge-alone.ts';
import { mergeBySql } from './merge-by-sql.ts';
import type { BenchOptions } from './options.ts';
import type { Report } from './report.ts';
import { median } from './statistics.ts';
import { sustainedRun } from './sustained-run.ts';

/** Design goals: this share of what the destination alone merges, and this many a second. */
const GOAL_SHARE = 0.5;
const GOAL_RATE = 25_000;
/** Threads as they are by default. */
const THREADS = 2;
/** Where the extracts are merged again, without Penstock around it. */
const ALONE = 'alone';
const BY_SQL = `${ALONE}.by_sql`;

/** Changes a second of one backlog: drained by Penstock, then merged again from memory in both ways. */
interface Round {
  readonly penstock: number;
  readonly alone: number;
  readonly bySql: number;
  /** Processor time of Penstock's process, in percent of the time. */
  readonly processor: number;
}

/** Backlogs in the log, each drained by one delta and then merged again with everything prepared, in turns. */
export async function changesPart(servers: BenchServers, options: BenchOptions, report: Report): Promise<void> {
  const { rows, profiles, repeats } = options;
  report.title(
    `Changes: ${counted(repeats, 'backlog')} of ${count(rows / repeats)} changes at random keys of ${counted(rows, 'row')}`,
  );
  await fillBenchTable(servers, rows, SHORT_NOTE_BYTES);
  await using pipeline = await BenchPipeline.make(servers, {
    ...{ name: 'changes', tables: [BENCH_TABLE], threads: THREADS, profiles },
  });
  await pipeline.perform('full-extract');
  await servers.connection.query(`DROP DATABASE IF EXISTS ${ALONE}`);
  await servers.connection.query(`CREATE DATABASE ${ALONE}`);
  await duplicate(servers, `${ALONE}.${BENCH_TABLE}`);
  await duplicate(servers, BY_SQL);
  const rounds: Round[] = [];
  let extracts = 0;
  for (let run = 0; run < repeats; run++) {
    const changes = await makeBacklog(servers, { rows, changes: Math.ceil(rows / repeats), run });
    const drained = await pipeline.perform('delta');
    if (drained.rows !== changes) throw new Error(`Penstock extracted ${drained.rows} changes of ${changes}`);
    const prepared = await readPrepared(pipeline.configuration, extracts);
    extracts += prepared.length;
    const round = {
      penstock: (changes / drained.milliseconds) * 1000,
      alone: await rate(changes, () => mergeAlone(pipeline.configuration, ALONE, prepared)),
      bySql: await rate(changes, () => mergeBySql(servers, BY_SQL, prepared)),
      processor: (drained.cpuMilliseconds / drained.milliseconds) * 100,
    };
    rounds.push(round);
    const [penstock, alone, bySql] = [round.penstock, round.alone, round.bySql].map(count);
    report.note(`round ${run + 1}: Penstock ${penstock ?? ''}, merge alone ${alone ?? ''}, plain SQL ${bySql ?? ''}`);
    await expectSame(servers, `${ALONE}.${BENCH_TABLE}`);
    await expectSame(servers, BY_SQL);
  }
  reportRounds(rounds, report);
  await servers.connection.query(`DROP DATABASE ${ALONE}`);
  if (options.minutes > 0) await sustainedRun(servers, pipeline, options, report);
}

function reportRounds(rounds: readonly Round[], report: Report): void {
  const middle = (name: keyof Round) => median(rounds.map((round) => round[name]));
  report.figure('changes.penstock', middle('penstock'), 'changes/s', `at least ${count(GOAL_RATE)}`);
  report.figure('changes.processor', middle('processor'), '% of one core, Penstock');
  report.figure('changes.destinationAlone', middle('alone'), "changes/s, Penstock's merge of prepared parts");
  report.figure('changes.destinationBySql', middle('bySql'), 'changes/s, plain SQL of prepared parts');
  report.figure('changes.ratioToOwnMerge', middle('penstock') / middle('alone'), "of Penstock's own merge");
  report.ratio('changes.ratio', middle('penstock') / Math.max(middle('alone'), middle('bySql')), GOAL_SHARE);
}

/** @returns changes a second */
async function rate(changes: number, merge: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await merge();
  return (changes / (performance.now() - began)) * 1000;
}

async function duplicate(servers: BenchServers, table: string): Promise<void> {
  await servers.connection.query(`CREATE TABLE ${table} LIKE changes.${BENCH_TABLE}`);
  await servers.connection.query(`INSERT INTO ${table} SELECT * FROM changes.${BENCH_TABLE}`);
}

/** What is faster but ends elsewhere is no measure. */
async function expectSame(servers: BenchServers, table: string): Promise<void> {
  const [sums] = await servers.connection.query(`CHECKSUM TABLE ${table}, changes.${BENCH_TABLE}`);
  const [own, penstock] = (sums as { Checksum: number | string | null }[]).map((row) => String(row.Checksum));
  if (own !== penstock) throw new Error(`${table} differs from Penstock's: ${own ?? ''}, ${penstock ?? ''}`);
}
