import type { SourcePosition } from '../../changes/position.ts';
import { keptSight } from '../server-times.ts';
import { firstPosition } from './mining/mined-place.ts';
import type { HandOff } from './server/hand-off.ts';

/** The place in the log behind everything that committed at or before the SCN of the hand-off: where a copy of that SCN goes on. */
export function handOffPosition(lineage: string, { startScn, openFloorScn, open, sight }: HandOff): SourcePosition {
  return firstPosition(lineage, {
    startScn,
    openFloorScn,
    // As mining/transaction-key.ts tells transactions.
    open: open.map(({ container, segment, slot, sequence, startScn: began }) => ({
      key: `${container}:${segment}.${slot}.${sequence}`,
      startScn: began,
    })),
    times: keptSight(sight),
  });
}
