import type { LogPlace } from './log-place.ts';

/** A log that is given to LogMiner. */
export interface AddedLog {
  /** As the server that mines knows it. */
  readonly path: string;
  readonly thread: number;
  readonly sequence: number;
}

/** One session of LogMiner over some logs: added, started, read, ended. */
export interface Reading {
  /** To be added in this order; none: the server finds them itself. */
  readonly logs: readonly AddedLog[];
  /** SCNs from which to which LogMiner is started; `upTo` null: to the end of the files. */
  readonly from: string;
  readonly upTo: string | null;
  /** The last SCN of which rows are asked for; null: as `upTo`. */
  readonly rowsUpTo: string | null;
  readonly dictionary: 'online' | 'redo';
  /** CONTINUOUS_MINE. */
  readonly isContinuous: boolean;
  /** Only rows of these logs are given, by thread; null: all. */
  readonly keeps: ReadonlyMap<number, KeptLogs> | null;
}

/** Logs of one thread, the first and the last of them. */
export interface KeptLogs {
  readonly from: number;
  readonly upTo: number;
  /** SCNs of theirs, for rows that have no address: from the first up to before the second. */
  readonly fromScn: bigint;
  readonly nextScn: bigint;
}

/** What is read in one round. */
export interface RoundPlan {
  /** Their rows are given one after the other in this order; as many are read at once as there are sessions for it. */
  readonly readings: readonly Reading[];
  /** Threads that may bring commits, in this round or a later one. */
  readonly threads: readonly number[];
  /** No row with a greater SCN is given, though there may be some; null: whole logs are read. */
  readonly through: string | null;
  /** Up to which SCN everything of each thread was given when the round has ended. */
  readonly readThrough: ReadonlyMap<number, string>;
  /** Sequence numbers of the last log of each thread that is read. */
  readonly lastLogs: ReadonlyMap<number, number>;
  /** There is more to be read at once. */
  readonly isBehind: boolean;
  /** Where the next round begins. */
  readonly next: LogPlace;
}
