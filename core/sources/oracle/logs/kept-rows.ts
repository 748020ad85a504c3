import type { MinedRow } from '../mining/mined-row.ts';
import { sequenceOf } from './log-place.ts';
import type { KeptLogs } from './round-plan.ts';

/**
 * Whether a row stands in the logs whose rows are wanted: by the sequence number that its RS_ID begins with; a row without an address by its SCN,
 * because a log holds all from its first SCN up to the next one's first.
 */
export function isKept(row: Pick<MinedRow, 'thread' | 'rsId' | 'scn'>, keeps: ReadonlyMap<number, KeptLogs>): boolean {
  const kept = keeps.get(row.thread);
  if (kept === undefined) return false;
  const sequence = sequenceOf(row.rsId);
  if (sequence !== null) return sequence >= kept.from && sequence <= kept.upTo;
  const scn = BigInt(row.scn);
  return scn >= kept.fromScn && scn < kept.nextScn;
}
