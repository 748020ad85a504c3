import type { LogFile } from './log-file.ts';
import type { LogPlace } from './log-place.ts';
import type { ThreadLogs } from './inventory.ts';
import type { Reading, RoundPlan } from './round-plan.ts';

/** What was asked of the server before its threads were asked how far they are, in this order. */
export interface OpenWork {
  /** The SCN then. */
  readonly scn: bigint;
  /** The least SCN at which a transaction began that was open behind it; null: none was. */
  readonly oldestStart: bigint | null;
}

/** SCNs that are read in one round, and the logs that hold them. */
export interface LogWindow {
  readonly from: bigint;
  readonly upTo: bigint;
  readonly logs: readonly LogFile[];
  /** More was written than is read in one round. */
  readonly isBehind: boolean;
}

/**
 * The next window over all logs, up to where every open thread has written; null: nothing was written since the last.
 *
 * What an open transaction changed may come into the log late (a private strand of the server's memory), behind rows with greater SCNs
 * that were read. So a window begins where such rows may begin: at the oldest transaction that was open before the last window's end was known.
 * Behind the beginning of a log nothing comes late: strands are written before a log is ended.
 * @param count logs of each thread that are read in one round at most
 * @param isBounded the round will end at the window's end, not with the logs
 */
export function nextWindow(
  inventory: readonly ThreadLogs[],
  place: LogPlace,
  count: number,
  isBounded = false,
): LogWindow | null {
  const open = inventory.filter(({ thread }) => thread.isOpen);
  if (open.length === 0 || open.some(({ logs }) => logs.length === 0)) return null;
  const written = writtenBy(inventory);
  const bounds = inventory.flatMap(({ logs }) => (logs.length > count ? [(logs[count - 1]?.nextScn ?? 0n) - 1n] : []));
  const { reaches = null } = isBounded ? place : {};
  const upTo = later(least([written, ...bounds]), reaches === 'written' ? written : reaches);
  if (upTo > written) return null;
  const begins = inventory.flatMap(({ logs: [first] }) =>
    first === undefined ? [] : [later(first.firstScn, place.floor)],
  );
  const from = least(begins);
  if (upTo < from || (place.readThrough !== null && upTo <= place.readThrough)) return null;
  const logs = inventory.flatMap((thread) => thread.logs.filter((log) => log.firstScn <= upTo && log.nextScn > from));
  return { from, upTo, logs, isBehind: upTo < written };
}

/**
 * Where rows may begin that were not given yet. A transaction that has ended is open for nobody any more, while its redo, with what a strand had
 * held, may still be in the server's memory: so a look at open work counts once all redo from before it is written.
 */
function floorBehind(
  inventory: readonly ThreadLogs[],
  { floor, unsettled = [] }: LogPlace,
  upTo: bigint,
  work: OpenWork,
): Pick<LogPlace, 'floor' | 'unsettled'> {
  const written = writtenBy(inventory);
  const looks = [...unsettled, work];
  const settled = looks.findLast(({ scn }) => scn <= written);
  if (settled === undefined) return { floor, unsettled: looks };
  const { scn, oldestStart } = settled;
  const floors = [upTo + 1n, scn, ...(oldestStart === null ? [] : [oldestStart])];
  return { floor: least(floors), unsettled: looks.slice(looks.indexOf(settled) + 1) };
}

/** Up to where every open thread has written. */
function writtenBy(inventory: readonly ThreadLogs[]): bigint {
  return least(inventory.flatMap(({ thread }) => (thread.isOpen ? [thread.lastRedoScn - 1n] : [])));
}

function lastLogs(logs: readonly LogFile[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  for (const { thread, sequence } of logs) last.set(thread, Math.max(sequence, last.get(thread) ?? 0));
  return last;
}

function least(scns: readonly bigint[]): bigint {
  return scns.reduce((a, b) => (b < a ? b : a));
}

function later(scn: bigint, floor: bigint | null): bigint {
  return floor !== null && floor > scn ? floor : scn;
}

/** A round over a window. */
export function windowRound(
  inventory: readonly ThreadLogs[],
  place: LogPlace,
  window: LogWindow,
  work: OpenWork,
  reading: Pick<Reading, 'logs' | 'isContinuous'> & {
    /** Reading ends at the window's end, not with the logs. What stands behind it in the log is then read in another round. */
    readonly isBounded: boolean;
  },
): RoundPlan {
  const { from, upTo, isBehind } = window;
  const { logs, isContinuous, isBounded } = reading;
  const end = isBounded ? upTo.toString() : null;
  const threads = inventory.map(({ thread }) => thread.number);
  const sequences = inventory.flatMap(({ thread, logs: own }) => {
    const next = own.find(({ nextScn }) => nextScn > upTo + 1n) ?? own.at(-1);
    return next === undefined ? [] : [[thread.number, next.sequence] as const];
  });
  return {
    readings: [
      {
        ...{ logs, isContinuous },
        from: from.toString(),
        upTo: end,
        rowsUpTo: end,
        dictionary: 'online',
        keeps: null,
      },
    ],
    threads,
    through: end,
    lastLogs: lastLogs(window.logs),
    readThrough: new Map(threads.map((thread) => [thread, upTo.toString()])),
    isBehind,
    next: {
      scn: upTo,
      holds: null,
      sequences: new Map(sequences),
      ...floorBehind(inventory, place, upTo, work),
      readThrough: upTo,
    },
  };
}
