import type { SourcePosition } from '../../changes/position.ts';
import { readLogLineage } from './lineage.ts';
import { handOffPosition } from './place.ts';
import { withSession, type Access } from './server/guarded.ts';
import { readClockSight } from './source-time.ts';

/** The SCN now: what was committed before has a smaller one, and what commits later a greater one. Whoever gets there has read all that came before. */
export async function currentPosition(access: Access, signal: AbortSignal): Promise<SourcePosition> {
  return withSession(access, signal, 'ask how far the log goes', async (session) => {
    const lineage = await readLogLineage(session);
    const { scn, ...sight } = await readClockSight(session);
    return handOffPosition(lineage, { startScn: scn, openFloorScn: scn, open: [], sight });
  });
}
