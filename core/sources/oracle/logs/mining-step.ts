import type { MinedRow } from '../mining/mined-row.ts';

/**
 * What mining gives, round by round. A round is a reading of the logs from some place on, maybe again; the rows of a thread come in the order of its log.
 * One that was cut off (a log was written over while it was read) has no `end`; what it gave comes again in the next.
 */
export type MiningStep =
  | {
      readonly tag: 'begin';
      /** Those that may bring commits. */
      readonly threads: readonly number[];
      /** No row with a lower SCN comes: all that there are were given. */
      readonly from: string;
      /** No row with a greater SCN comes, though there may be some; null: whole logs are read. */
      readonly through: string | null;
    }
  | { readonly tag: 'rows'; readonly rows: readonly MinedRow[] }
  | {
      readonly tag: 'end';
      /** Up to which SCN all of each thread was given. */
      readonly through: ReadonlyMap<number, string>;
      /** Sequence numbers of the last log of each thread that was read. */
      readonly lastLogs: ReadonlyMap<number, number>;
    };
