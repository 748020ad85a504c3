import { PenstockError } from '../../../errors/penstock-error.ts';
import type { LogFile, RedoThread } from './log-file.ts';
import type { LogPlace } from './log-place.ts';

/** A thread that has, or will have, redo that was not read yet. */
export interface ThreadLogs {
  readonly thread: RedoThread;
  /** From the one to begin with, without a gap; the last may be the one that is written. Empty: it is still to come. */
  readonly logs: readonly LogFile[];
  /** Sequence number of the log that has to be there and is not; null: none is missing. */
  readonly missing: number | null;
}

/**
 * The logs of each thread from a place on. LogMiner with the online catalog does not look whether one is missing, so it is done here.
 * Private threads are left out, and closed ones of which all was read.
 */
export function inventoryOf(
  files: readonly LogFile[],
  threads: readonly RedoThread[],
  place: LogPlace,
): readonly ThreadLogs[] {
  const byThread = logsByThread(files);
  return threads
    .filter(({ isPrivate }) => !isPrivate)
    .map((thread) => threadLogs(thread, byThread.get(thread.number) ?? new Map<number, LogFile>(), place))
    .filter((logs) => !isFinished(logs, place));
}

/** @throws PenstockError PS2006 for the first log that is missing */
export function requireWhole(inventory: readonly ThreadLogs[]): void {
  for (const { thread, missing } of inventory) {
    if (missing === null) continue;
    throw new PenstockError(
      'PS2006',
      `redo log ${missing} of thread ${thread.number} is neither online nor archived, but later ones are`,
      {
        remedy:
          'Restore it from a backup and take it in with ALTER DATABASE REGISTER LOGFILE; else run a full extract. Archived logs are to be kept for longer.',
      },
    );
  }
}

/** Each log once: the archived one, which nobody writes over. */
function logsByThread(files: readonly LogFile[]): Map<number, Map<number, LogFile>> {
  const byThread = new Map<number, Map<number, LogFile>>();
  for (const file of files) {
    const logs = byThread.get(file.thread) ?? new Map<number, LogFile>();
    byThread.set(file.thread, logs);
    const known = logs.get(file.sequence);
    if (known === undefined || known.isOnline) logs.set(file.sequence, file);
  }
  return byThread;
}

function threadLogs(thread: RedoThread, bySequence: ReadonlyMap<number, LogFile>, place: LogPlace): ThreadLogs {
  const sorted = [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
  const start = startOf(thread, sorted, place);
  if (start.tag === 'missing') return { thread, logs: [], missing: start.sequence };
  const logs: LogFile[] = [];
  let sequence = start.sequence;
  for (let log = bySequence.get(sequence); log !== undefined; log = bySequence.get(++sequence)) logs.push(log);
  const isGap = sorted.some((log) => log.sequence > sequence);
  return { thread, logs, missing: isGap ? sequence : null };
}

type Start =
  | { readonly tag: 'at'; readonly sequence: number }
  /** A log that has to be there is not. */
  | { readonly tag: 'missing'; readonly sequence: number };

const NOTHING_YET: Start = { tag: 'at', sequence: -1 };

function startOf(thread: RedoThread, sorted: readonly LogFile[], place: LogPlace): Start {
  const sequence = place.sequences.get(thread.number);
  if (sequence === undefined) return startByScn(thread, sorted, place.scn);
  if (place.holds !== null) {
    const holding = startByScn(thread, sorted, place.holds);
    if (holding !== NOTHING_YET && holding.sequence < sequence) return holding;
  }
  const first = sorted.find((log) => log.sequence >= sequence);
  if (first === undefined || first.sequence === sequence) return { tag: 'at', sequence };
  // Logs that end at or before the place's SCN are not listed: nothing in them is needed.
  return first.firstScn <= place.scn + 1n
    ? { tag: 'at', sequence: first.sequence }
    : { tag: 'missing', sequence: first.sequence - 1 };
}

function startByScn({ enableScn }: RedoThread, sorted: readonly LogFile[], scn: bigint): Start {
  const first = sorted.find(({ nextScn }) => nextScn > scn);
  if (first === undefined) return NOTHING_YET;
  // A thread that was made later begins with its first log.
  const isThere = first.firstScn <= scn || (enableScn > scn && first.firstScn <= enableScn);
  return isThere ? { tag: 'at', sequence: first.sequence } : { tag: 'missing', sequence: first.sequence - 1 };
}

/** A closed thread has nothing behind its last checkpoint. */
function isFinished({ thread, logs, missing }: ThreadLogs, { scn, readThrough }: LogPlace): boolean {
  if (thread.isOpen || missing !== null) return false;
  const [first] = logs;
  return (
    thread.checkpointScn <= (readThrough ?? scn - 1n) || first === undefined || first.firstScn > thread.checkpointScn
  );
}
