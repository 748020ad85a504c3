import { describe, expect, it } from 'vitest';
import type { ProcessedLogfile } from '../../../events/flow-events.ts';
import { EndedLogsTold, endedLogs } from './ended-logs.ts';
import type { ThreadLogs } from './inventory.ts';
import type { LogFile } from './log-file.ts';
import type { MiningMode, RoundInput } from './mining-mode.ts';
import { continuousMine } from './modes/continuous-mine.ts';
import { fastLogMiner } from './modes/fast-log-miner.ts';
import { inPluggable } from './modes/in-pluggable.ts';
import { logMiner } from './modes/log-miner.ts';
import { onlineLogs } from './modes/online-logs.ts';

const TIME = { now: '2026-11-22T01:00:00.000000Z', offset: 3_600_000_000n };
const FIRST = Date.parse('2026-11-22T01:00:00Z');
const FOREVER = 2n ** 64n - 1n;

/** Each log has ten SCNs, and a minute. */
function log(thread: number, sequence: number, more: Partial<LogFile> = {}): LogFile {
  return {
    ...{ path: `/arch/${thread}_${sequence}.arc`, thread, sequence, begunAt: FIRST + sequence * 60_000 },
    ...{ firstScn: BigInt(sequence * 10), nextScn: BigInt(sequence * 10 + 10) },
    ...{ isOnline: false, isCurrent: false, beginsDictionary: false, endsDictionary: false },
    ...more,
  };
}

const current = (thread: number, sequence: number) =>
  log(thread, sequence, { path: `/redo/${thread}.log`, isOnline: true, isCurrent: true, nextScn: FOREVER });

function thread(number: number, logs: readonly LogFile[], lastRedoScn: bigint): ThreadLogs {
  const redo = { number, isOpen: true, isPrivate: false, enableScn: 1n, checkpointScn: 0n, lastRedoScn };
  return { thread: redo, logs, missing: null };
}

function inputOf(inventory: readonly ThreadLogs[]): RoundInput {
  return {
    inventory,
    files: inventory.flatMap(({ logs }) => logs),
    place: { scn: 50n, holds: null, sequences: new Map(), floor: null, readThrough: null },
    limits: { count: 2, minutes: null, offsetMinutes: 0, lookAhead: 1 },
    now: FIRST + 3_600_000,
    work: { scn: 1000n, oldestStart: null },
  };
}

/** What a mode's next round tells, and with which times: a reading takes as many milliseconds as its place among them. */
function toldBy(mode: MiningMode, inventory: readonly ThreadLogs[], told = new Told()): readonly string[] {
  const plan = mode.plan(inputOf(inventory));
  if (plan === null) return [];
  const times = plan.readings.map((reading, start) => [reading, { start, rows: 7, endedAt: TIME.now }] as const);
  return told.of(() => told.logs.tell(endedLogs(inventory, plan, TIME), new Map(times)));
}

class Told {
  readonly files: ProcessedLogfile[] = [];
  readonly logs = new EndedLogsTold((file) => void this.files.push(file));

  of(work: () => void): readonly string[] {
    const before = this.files.length;
    work();
    return this.files.slice(before).map(({ file, dictLoadMS }) => `${file} ${dictLoadMS}`);
  }
}

describe('files of redo logs that were read to their ends', () => {
  const archived = [thread(1, [log(1, 5), log(1, 6), log(1, 7), current(1, 8)], 85n)];

  it('are those of a pass, not what was opened with them', () => {
    expect(toldBy(logMiner, archived)).toEqual(['/arch/1_5.arc 0', '/arch/1_6.arc 0']);
    expect(toldBy(fastLogMiner, archived)).toEqual(['/arch/1_5.arc 0', '/arch/1_6.arc 1']);
  });

  it.each([onlineLogs, continuousMine, inPluggable])('are not the one that is written: $name', (mode) => {
    const told = new Told();
    expect(toldBy(mode, [thread(1, [log(1, 5), current(1, 6)], 65n)], told)).toEqual(['/arch/1_5.arc 0']);
    expect(toldBy(mode, [thread(1, [current(1, 6)], 67n)], told)).toEqual([]);
    const switched = [thread(1, [log(1, 6, { isOnline: true, path: '/redo/1.log' }), current(1, 7)], 72n)];
    expect(toldBy(mode, switched, told)).toEqual(['/redo/1.log 0']);
    // The same log once more, by now archived.
    expect(toldBy(mode, [thread(1, [log(1, 6), current(1, 7)], 74n)], told)).toEqual([]);
  });

  it('are those of each thread, as far as it was read', () => {
    const second = thread(2, [log(2, 5), current(2, 6)], 63n);
    expect(toldBy(onlineLogs, [thread(1, [log(1, 5), log(1, 6), current(1, 7)], 75n), second])).toEqual([
      '/arch/1_5.arc 0',
      '/arch/2_5.arc 0',
    ]);
  });

  it('have the times of the source, of the host and of their reading', () => {
    const told = new Told();
    toldBy(fastLogMiner, archived, told);
    expect(told.files[1]).toEqual({
      ...{ fileSeq: 6, file: '/arch/1_6.arc', dictLoadMS: 1, parseMS: 7 },
      ...{ CurrentDBDate: TIME.now, parseComplete: TIME.now },
      // When the next one was begun, by a clock that is an hour before UTC.
      sourceDate: '2026-11-22T00:07:00.000000Z',
    });
  });
});
