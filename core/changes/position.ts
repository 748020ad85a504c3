import { PenstockError } from '../errors/penstock-error.ts';

/**
 * A place in a source's log, always at the end of a whole transaction.
 * Two positions can be compared only when their lineages are the same.
 */
export interface SourcePosition {
  /** The log that this position lies in, for example PostgreSQL's system id, timeline and slot. Compared, never parsed. */
  readonly lineage: string;
  /** Sorts as a string within a lineage: a later position has a greater `order`. */
  readonly order: string;
  /** What the connector needs to go on from here. Only the connector that made it reads it. */
  readonly resume: string;
}

/**
 * Negative when `a` is before `b`, 0 when they are the same place, positive when it is after.
 * @throws PenstockError `PS2001` when the lineages differ.
 */
export function comparePositions(a: SourcePosition, b: SourcePosition): number {
  if (a.lineage !== b.lineage) {
    throw new PenstockError('PS2001', `position of lineage ${a.lineage} compared with one of ${b.lineage}`);
  }
  return a.order < b.order ? -1 : a.order > b.order ? 1 : 0;
}
