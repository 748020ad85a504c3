import type { OpenWork } from './windows.ts';

/** Where reading goes on in the logs, round by round. */
export interface LogPlace {
  /** Every thread that is not in `sequences` is read from this SCN on. */
  readonly scn: bigint;
  /** Every thread goes on with the log that holds this SCN, where that is an earlier one; null: the sequence numbers tell. */
  readonly holds: bigint | null;
  /** Sequence number of the log with which each thread goes on. */
  readonly sequences: ReadonlyMap<number, number>;
  /**
   * No row that was not given yet has a lower SCN, wherever it stands; null: nobody knows.
   * It spares reading a log that is written from its beginning in every round.
   */
  readonly floor: bigint | null;
  /** Looks at open work from before which not all redo was written when they were used, the oldest first (logs/windows.ts). */
  readonly unsettled?: readonly OpenWork[];
  /**
   * The first round behind a restart reaches at least up to here, where rounds end at an SCN: `written`: up to all that was written.
   * Of what it left out nothing was given before, so that it is known what was.
   */
  readonly reaches?: bigint | 'written';
  /** All up to here was given; null: nothing was since reading began. */
  readonly readThrough: bigint | null;
}

/** As a position of the source has it: mining/mined-place.ts. */
export interface ResumePlace {
  readonly scn: string;
  /** Of each thread what was read: before an address, rows up to an SCN; null: all of them. */
  readonly threads: Readonly<Record<string, readonly { readonly rsId: string; readonly through: string | null }[]>>;
}

/**
 * A thread is read from the beginning of the log in which its address stands: what surfaced late there may have lower SCNs.
 * Where rows before the address were left out, because of their SCN, it is read from the log that holds the position's SCN, if that is earlier.
 */
export function logPlaceOf(resume: ResumePlace): LogPlace {
  const sequences = Object.entries(resume.threads).flatMap(([thread, parts]) => {
    const known = parts.map(({ rsId }) => sequenceOf(rsId)).filter((sequence) => sequence !== null);
    return known.length === 0 ? [] : [[Number(thread), Math.min(...known)] as const];
  });
  const scn = BigInt(resume.scn);
  const isPartial = Object.values(resume.threads).some((parts) => parts.some(({ through }) => through !== null));
  const place = { scn, holds: isPartial ? scn : null, sequences: new Map(sequences), floor: null, readThrough: null };
  const reaches = reachOf(Object.values(resume.threads).flat());
  return reaches === null ? place : { ...place, reaches };
}

function reachOf(parts: readonly { readonly through: string | null }[]): bigint | 'written' | null {
  let reach: bigint | null = null;
  for (const { through } of parts) {
    if (through === null) return 'written';
    if (reach === null || BigInt(through) > reach) reach = BigInt(through);
  }
  return reach;
}

/** The sequence number of the log in which an RS_ID (`0x00003a.0000012f.0010`) stands; null: all zero, so nowhere. */
export function sequenceOf(rsId: string): number | null {
  const text = rsId.trim();
  const start = text.startsWith('0x') ? 2 : 0;
  const point = text.indexOf('.');
  const sequence = Number.parseInt(text.slice(start, point < 0 ? undefined : point), 16);
  return Number.isNaN(sequence) || sequence === 0 ? null : sequence;
}
