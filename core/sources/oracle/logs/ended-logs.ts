import { timestampFromMicroseconds, type Timestamp } from '../../../changes/timestamp.ts';
import type { ProcessedLogfile } from '../../../events/flow-events.ts';
import type { SourceClock } from '../source-time.ts';
import type { ThreadLogs } from './inventory.ts';
import type { ReadingTimes } from './read-logs.ts';
import type { Reading, RoundPlan } from './round-plan.ts';

/** A log of which a round reads the end. */
export interface EndedLog {
  readonly path: string;
  readonly thread: number;
  readonly sequence: number;
  /** When it was ended, by the source; of one with none behind it that is listed: when it was begun. */
  readonly sourceDate: Timestamp;
  /** The source's time when it was listed. */
  readonly listedAt: Timestamp;
}

/** Those that were ended when they were listed, and that hold nothing behind what a round reads of their thread. */
export function endedLogs(
  inventory: readonly ThreadLogs[],
  { readThrough }: Pick<RoundPlan, 'readThrough'>,
  { now, offset }: SourceClock,
): readonly EndedLog[] {
  return inventory.flatMap(({ thread, logs }) => {
    const through = readThrough.get(thread.number);
    if (through === undefined) return [];
    return logs.flatMap(({ path, sequence, nextScn, isCurrent, begunAt }, index) => {
      if (isCurrent || nextScn > BigInt(through) + 1n) return [];
      const endedAt = BigInt(logs[index + 1]?.begunAt ?? begunAt) * 1000n;
      const sourceDate = timestampFromMicroseconds(endedAt - offset);
      return [{ path, thread: thread.number, sequence, sourceDate, listedAt: now }];
    });
  });
}

/** Tells the logs that a stream has read to their ends, each once. */
export class EndedLogsTold {
  readonly #tell: (file: ProcessedLogfile) => void;
  /** Sequence number of the last one of each thread. */
  readonly #last = new Map<number, number>();

  constructor(tell: (file: ProcessedLogfile) => void) {
    this.#tell = tell;
  }

  /** Those of a round of which all was read. Files of one reading share its times: LogMiner does not tell them apart. */
  tell(logs: readonly EndedLog[], times: ReadonlyMap<Reading, ReadingTimes>): void {
    for (const { path, thread, sequence, sourceDate, listedAt } of logs) {
      const took = timesOf(thread, sequence, times);
      // The last log of a thread that writes nothing stays the one to go on with.
      if (took === null || sequence <= (this.#last.get(thread) ?? 0)) continue;
      this.#last.set(thread, sequence);
      this.#tell({
        ...{ fileSeq: sequence, file: path, dictLoadMS: took.start, CurrentDBDate: listedAt },
        ...{ parseMS: took.rows, parseComplete: took.endedAt, sourceDate },
      });
    }
  }
}

function timesOf(thread: number, sequence: number, times: ReadonlyMap<Reading, ReadingTimes>): ReadingTimes | null {
  for (const [{ keeps }, took] of times) {
    if (keeps === null) return took;
    const kept = keeps.get(thread);
    if (kept !== undefined && sequence >= kept.from && sequence <= kept.upTo) return took;
  }
  return null;
}
