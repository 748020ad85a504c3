import type { LogFile } from './log-file.ts';
import type { LogPlace } from './log-place.ts';
import type { ThreadLogs } from './inventory.ts';
import type { AddedLog, KeptLogs, RoundPlan } from './round-plan.ts';

/** How much of the archived logs is read in one pass; the vendor's options. */
export interface PassLimits {
  /** Log file catchup count: logs of each thread. */
  readonly count: number;
  /** Log catchup time: what was begun within so many minutes from the first one on; null: no limit. */
  readonly minutes: number | null;
  /** Log catchup offset: logs that were written within the last so many minutes are left for later. */
  readonly offsetMinutes: number;
  /** Log file look-ahead: further logs that are opened with them. */
  readonly lookAhead: number;
}

/** Archived logs of one thread that are read in a pass, and those that are opened with them. */
export interface ThreadPass {
  readonly thread: number;
  readonly logs: readonly LogFile[];
  readonly lookAhead: readonly LogFile[];
}

const MINUTE = 60_000;

/**
 * The next pass over archived logs; empty: there is nothing to read. No thread is read beyond what every other one has archived, but for the rest of
 * a log: commits beyond that could not be told yet.
 * @param now by the server's clock, as log-file.ts has it
 */
export function nextPass(
  inventory: readonly ThreadLogs[],
  place: LogPlace,
  limits: PassLimits,
  now: number,
): readonly ThreadPass[] {
  const ready = inventory.map((logs) => ({ ...logs, ready: readyLogs(logs, limits, now) }));
  const ends = ready.map(
    ({ thread, ready: logs }) => logs.at(-1)?.nextScn ?? readUpTo(thread.number, inventory, place),
  );
  const end = ends.reduce<bigint | null>((least, scn) => (least === null || scn < least ? scn : least), null);
  if (end === null) return [];
  return ready.flatMap(({ thread, ready: logs }) => {
    const [first] = logs;
    if (first === undefined) return [];
    const isWithin = ({ begunAt }: LogFile) =>
      limits.minutes === null || begunAt < first.begunAt + limits.minutes * MINUTE;
    const chosen = logs.slice(0, limits.count).filter((log) => log.firstScn < end && (log === first || isWithin(log)));
    if (chosen.length === 0) return [];
    const lookAhead = logs.slice(chosen.length, chosen.length + limits.lookAhead);
    return [{ thread: thread.number, logs: chosen, lookAhead }];
  });
}

/** Archived logs, one behind the other, that are old enough. */
function readyLogs({ logs }: ThreadLogs, { offsetMinutes }: PassLimits, now: number): readonly LogFile[] {
  const latest = now - offsetMinutes * MINUTE;
  // A log ends when the next one is begun; of the last one it is not known.
  const end = logs.findIndex((log, index) => {
    if (log.isOnline) return true;
    return offsetMinutes > 0 && (logs[index + 1]?.begunAt ?? Infinity) > latest;
  });
  return end < 0 ? logs : logs.slice(0, end);
}

/** Of a thread that has no log to be read now. */
function readUpTo(thread: number, inventory: readonly ThreadLogs[], place: LogPlace): bigint {
  const next = inventory.find((logs) => logs.thread.number === thread)?.logs[0];
  return next?.firstScn ?? (place.readThrough ?? place.scn - 1n) + 1n;
}

/** What is the same for all that read whole logs. */
export function passRound(
  inventory: readonly ThreadLogs[],
  place: LogPlace,
  passes: readonly ThreadPass[],
): Omit<RoundPlan, 'readings'> {
  const sequences = new Map(place.sequences);
  const readThrough = new Map<number, string>();
  const lastLogs = new Map<number, number>();
  let least: bigint | null = null;
  for (const { thread, logs } of passes) {
    const last = logs.at(-1);
    if (last === undefined) continue;
    lastLogs.set(thread, last.sequence);
    sequences.set(thread, last.sequence + 1);
    readThrough.set(thread, (last.nextScn - 1n).toString());
  }
  for (const { thread, logs } of inventory) {
    const through = BigInt(readThrough.get(thread.number) ?? (logs[0]?.firstScn ?? place.scn + 1n) - 1n);
    if (least === null || through < least) least = through;
  }
  const threads = inventory.map(({ thread }) => thread.number);
  // A thread of which nothing is archived yet may have a log that was begun before the place: reading never goes back behind it.
  const reached = least !== null && least >= place.scn ? least : null;
  return {
    threads,
    through: null,
    readThrough,
    lastLogs,
    isBehind: true,
    next: { scn: reached ?? place.scn, holds: null, sequences, floor: null, readThrough: reached ?? place.readThrough },
  };
}

export function keptLogs(logs: readonly LogFile[]): KeptLogs | null {
  const [first, last] = [logs[0], logs.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { from: first.sequence, upTo: last.sequence, fromScn: first.firstScn, nextScn: last.nextScn };
}

export function addedLog({ path, thread, sequence }: LogFile): AddedLog {
  return { path, thread, sequence };
}

export function leastFirstScn(logs: readonly LogFile[]): bigint {
  return logs.map(({ firstScn }) => firstScn).reduce((a, b) => (b < a ? b : a));
}

export function greatestScn(logs: readonly LogFile[]): bigint {
  return logs.map(({ nextScn }) => nextScn).reduce((a, b) => (b > a ? b : a)) - 1n;
}
