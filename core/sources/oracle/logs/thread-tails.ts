import type { MinedRow } from '../mining/mined-row.ts';
import { sequenceOf, type LogPlace } from './log-place.ts';

interface Tail {
  readonly rsId: string;
  readonly sequence: number;
  /** The least SCN of the row at the last address and of all that were given behind it. */
  least: bigint;
}

/**
 * The last rows of each thread that were given. A round has to begin with them once more: rows without an address are told from new ones
 * by how many there are behind the last one that has an address.
 */
export class ThreadTails {
  readonly #tails = new Map<number, Tail>();

  take(rows: readonly MinedRow[]): void {
    for (const { thread, rsId, scn } of rows) {
      const tail = this.#tails.get(thread);
      const least = BigInt(scn);
      const sequence = sequenceOf(rsId);
      if (sequence !== null && (tail === undefined || isBehind(rsId, tail.rsId))) {
        this.#tails.set(thread, { rsId, sequence, least });
      } else if (tail !== undefined && (sequence === null || rsId === tail.rsId) && least < tail.least)
        tail.least = least;
    }
  }

  /** The place from which these rows come again. */
  with(place: LogPlace): LogPlace {
    const sequences = new Map(place.sequences);
    let { floor } = place;
    for (const [thread, { sequence, least }] of this.#tails) {
      const planned = sequences.get(thread);
      if (planned !== undefined && sequence < planned) sequences.set(thread, sequence);
      if (floor !== null && least < floor) floor = least;
    }
    return { ...place, sequences, floor };
  }
}

/** RS_IDs of a thread: all but the first part have a fixed width. */
function isBehind(rsId: string, last: string): boolean {
  return rsId.length === last.length ? rsId > last : rsId.length > last.length;
}
