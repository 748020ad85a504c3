import type { SourcePosition } from '../../changes/position.ts';
import { lineageOf } from './lineage.ts';
import { endOfLog } from './open-snapshot.ts';
import { capturedPosition, trackedPosition } from './place.ts';
import { requireCaptureOn } from './prepare.ts';
import { readDatabase } from './server/database.ts';
import { withSession, type Access } from './server/guarded.ts';
import { freshTables } from './tracking/stale-tables.ts';
import { readTracked } from './tracking/tracked-tables.ts';
import { readVersion } from './tracking/version.ts';

const DOING = 'ask how far changes go';

/** The version of the last commit; the next round gets there. */
export async function currentTrackedPosition(access: Access, signal: AbortSignal): Promise<SourcePosition> {
  return withSession(access, signal, DOING, async (session) => {
    const lineage = lineageOf(await readDatabase(session));
    const tracked = await readTracked(session);
    const version = await readVersion(session);
    return trackedPosition(lineage, { version, told: {}, fresh: freshTables([...tracked.keys()], tracked, version) });
  });
}

/** The end of the log. The capture job gets there when it has read so far: within minutes where nobody writes, because it then marks its way now and then. */
export async function currentCapturedPosition(access: Access, signal: AbortSignal): Promise<SourcePosition> {
  return withSession(access, signal, DOING, async (session) => {
    const database = await readDatabase(session);
    requireCaptureOn(database);
    return capturedPosition(lineageOf(database), { lsn: await endOfLog(session) });
  });
}
