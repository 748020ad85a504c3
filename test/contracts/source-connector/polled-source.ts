import type { ServerUnderTest } from './source-under-test.ts';

/**
 * What a kind of source gives so that its extract types without a log are tested, Full Extracts and Timestamps. Its connectors take
 * `extractType`, `lagSeconds`, `overlapSeconds`, `pollSeconds` and `timestampZone` from their settings. SQL is as in source-under-test.ts.
 */
export interface PolledSourceUnderTest {
  /** What the codes of its findings begin with. */
  readonly kind: string;
  /** Called once. */
  open(): Promise<ServerUnderTest>;
  /** A column that holds points in time with fractions of a second, as most tables are polled by. */
  readonly moment: PolledTime;
  /** Columns that hold what the clock of some place shows, whose offset `timestampZone` tells. */
  readonly localTimes: readonly PolledTime[];
  /** Everything else that tables are polled by. */
  readonly marks: readonly MarkCase[];
  /** Types whose values the server gives out itself, and knows which of them may still be uncommitted. */
  readonly settled: readonly string[];
}

export interface PolledTime {
  readonly type: string;
  /** An expression: the server's time so many minutes ago; by a clock that shows `zone` minutes more than UTC, where that matters. */
  readonly ago: (minutes: number, zone: number) => string;
}

/** A type of columns by which a table is polled, and which of its rows come behind those that were there. */
export interface MarkCase {
  readonly type: string;
  /** In the session that writes. */
  readonly setUp?: readonly string[];
  /** Literals of the rows that are there when polling begins. */
  readonly before: readonly string[];
  /** Literals of the rows that are written then. */
  readonly written: readonly string[];
  /** Which of these a poll gives, from 0, in its order; `before` too where a mark is looked at again: -1 is the last of those. */
  readonly found: readonly number[];
}
