import { describe, expect, it } from 'vitest';
import { ModelLog, NOWHERE, type ModelRow } from '../../../../test/fixtures/oracle-logs/model-log.ts';
import { ModelSession, type ModelServer } from '../../../../test/fixtures/oracle-logs/model-session.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import type { ProcessedLogfile } from '../../../events/flow-events.ts';
import type { MinedRow } from '../mining/mined-row.ts';
import type { MiningMode } from './mining-mode.ts';
import { miningSteps, type MiningContext } from './mining-rounds.ts';
import { continuousMine } from './modes/continuous-mine.ts';
import { fastLogMiner } from './modes/fast-log-miner.ts';
import { inPluggable } from './modes/in-pluggable.ts';
import { logMiner } from './modes/log-miner.ts';
import { onlineLogs } from './modes/online-logs.ts';
import { remoteLogMiner } from './modes/remote-log-miner.ts';

const first = Number(process.env['SEED'] ?? 500);
const SEEDS = Array.from({ length: Number(process.env['SEEDS'] ?? 12) }, (_, index) => first + index);
const STEPS = 250;

function serverOf(seed: number, threads: number): ModelServer {
  const random = new Random(seed);
  const log = new ModelLog(random, threads);
  for (let step = 0; step < 40; step++) log.step();
  return { log, random, bustle: 3, failures: [], ran: [], open: new Set() };
}

function contextOf(server: ModelServer, mode: MiningMode, more: Partial<MiningContext> = {}): MiningContext {
  const open = () => Promise.resolve(new ModelSession(server));
  return {
    access: { openRoot: open, openMining: open },
    clock: {
      now: () => server.log.clock,
      timestamp: () => new Date(server.log.clock).toISOString(),
      sleep: async (milliseconds, signal) => {
        await Promise.resolve();
        signal.throwIfAborted();
        server.log.clock += milliseconds;
        for (let step = 0; step < 3; step++) server.log.step();
      },
    },
    mode,
    resume: { scn: '1000', threads: {} },
    limits: { count: 2, minutes: null, offsetMinutes: 0, lookAhead: 1 },
    sessions: 3,
    archiveDestination: null,
    filter: () => Promise.resolve({ objects: ['7'], container: null }),
    requireLineage: () => Promise.resolve(),
    looked: () => undefined,
    logfileProcessed: () => undefined,
    pollMilliseconds: 1000,
    ...more,
  };
}

/** A row of the log for good: an address may be given to rows of two transactions only by mistake. */
function keyOf(row: Pick<MinedRow, 'scn' | 'thread' | 'rsId'>): string {
  return `${row.thread}|${row.scn}|${row.rsId}`;
}

interface Given {
  readonly rows: Set<string>;
  readonly through: Map<number, bigint>;
  rounds: number;
  cutOff: number;
}

/** Reads until all commits of `until` were given, and looks at every round. */
async function readAll(context: MiningContext, until: () => boolean, seen: Given, log: ModelLog): Promise<void> {
  const ended = new AbortController();
  let bound: bigint | null = null;
  let places = new Map<number, string>();
  let isOpen = false;
  for await (const step of miningSteps(context, ended.signal)) {
    if (step.tag === 'begin') {
      if (isOpen) seen.cutOff++;
      isOpen = true;
      bound = step.through === null ? null : BigInt(step.through);
      places = new Map();
    } else if (step.tag === 'rows') {
      for (const row of step.rows) {
        if (bound !== null && BigInt(row.scn) > bound) throw new Error('a row beyond the end of the round');
        if (row.rsId !== NOWHERE) {
          expect(row.rsId > (places.get(row.thread) ?? ''), 'rows of a thread come in its order').toBe(true);
          places.set(row.thread, row.rsId);
        }
        seen.rows.add(keyOf(row));
      }
    } else {
      isOpen = false;
      seen.rounds++;
      for (const [thread, scn] of step.through) seen.through.set(thread, BigInt(scn));
      checkCommits(log, seen);
      if (until()) break;
    }
  }
}

/** What a round says was given by it: whole transactions whose commits lie before its end. */
function checkCommits(log: ModelLog, seen: Given): void {
  const missing: string[] = [];
  const told = new Set<number>();
  for (const row of log.rows) {
    if (!row.isCommit || row.scn > (seen.through.get(row.thread) ?? 0n)) continue;
    told.add(row.transaction);
    if (!seen.rows.has(keyOf(modelKey(row)))) missing.push(`commit ${row.scn}`);
  }
  for (const row of log.rows) {
    if (told.has(row.transaction) && !seen.rows.has(keyOf(modelKey(row)))) missing.push(`row ${row.scn}`);
  }
  expect(missing).toEqual([]);
}

function modelKey({ scn, thread, rsId }: ModelRow): Pick<MinedRow, 'scn' | 'thread' | 'rsId'> {
  return { scn: scn.toString(), thread, rsId };
}

const MODES: readonly (readonly [MiningMode, number])[] = [
  [logMiner, 1],
  [logMiner, 2],
  [fastLogMiner, 1],
  [fastLogMiner, 2],
  [remoteLogMiner([{ from: '/arch/', to: '/mounted/' }]), 1],
  [onlineLogs, 1],
  [onlineLogs, 2],
  [onlineLogs, 3],
  [continuousMine, 1],
  [continuousMine, 2],
  [inPluggable, 1],
];

describe.each(MODES)('$name, %#', (mode, threads) => {
  it.each(SEEDS)('gives every transaction whole, in order, whatever happens meanwhile (SEED=%i)', async (seed) => {
    const server = serverOf(seed, threads);
    const { log, random, failures } = server;
    if (mode.needsDictionary) log.buildDictionary();
    if (mode.needsDictionary) log.archive(Infinity);
    const seen: Given = { rows: new Set(), through: new Map(), rounds: 0, cutOff: 0 };
    let steps = 0;
    let end: bigint | null = null;
    const until = () => {
      if (random.chance(0.1)) failures.push({ tag: 'minedRows', number: 310 });
      if (random.chance(0.05)) failures.push({ tag: random.pick(['startMining', 'addLogFile']), number: 1291 });
      if (++steps < STEPS / 10) return false;
      if (end === null) {
        server.bustle = 0;
        log.commitAll();
        end = log.scn;
        for (let thread = 1; thread <= threads; thread++) log.switchLog(thread);
        log.archive(Infinity);
      }
      const all = Array.from({ length: threads }, (_, index) => seen.through.get(index + 1) ?? 0n);
      return all.every((scn) => scn >= (end ?? 0n));
    };
    const told: string[] = [];
    const logfileProcessed = ({ file, fileSeq }: Pick<ProcessedLogfile, 'file' | 'fileSeq'>) =>
      void told.push(`${/\d+/.exec(file)?.[0]}/${fileSeq}`);
    const resume = { scn: mode.needsDictionary ? log.scn.toString() : '1000', threads: {} };
    const begun = BigInt(resume.scn);
    await readAll(
      contextOf(server, mode, { resume, logfileProcessed }),
      until,
      seen,
      mode.needsDictionary ? behind(log, begun) : log,
    );
    expect(server.open.size).toBe(0);
    const wanted = (mode.needsDictionary ? behind(log, begun) : log).rows.filter((row) => row.scn <= (end ?? 0n));
    expect(wanted.filter((row) => !seen.rows.has(keyOf(modelKey(row))))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(50);
    const ended = log.files.filter(
      ({ thread, nextScn }) => nextScn !== null && nextScn > begun && nextScn - 1n <= (seen.through.get(thread) ?? 0n),
    );
    expect(told.sort(), 'each file is told once').toEqual(
      ended.map((file) => `${file.thread}/${file.sequence}`).sort(),
    );
  });
});

/** The log without transactions that began before an SCN. */
function behind(log: ModelLog, scn: bigint): ModelLog {
  return new Proxy(log, {
    get: (target, name) => {
      if (name !== 'rows') return Reflect.get(target, name) as unknown;
      const early = new Set(target.rows.filter((row) => row.scn <= scn).map(({ transaction }) => transaction));
      return target.rows.filter(({ transaction }) => !early.has(transaction));
    },
  });
}
