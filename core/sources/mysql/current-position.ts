import type { SourcePosition } from '../../changes/position.ts';
import { withSession, type Access } from './connection.ts';
import { endOfLog, readLineage } from './lineage.ts';
import { positionAt } from './place.ts';

/** Where the log ends: behind every transaction that was committed before the call. An idle stream gets there by the server's heartbeats. */
export async function currentLogPosition(access: Access, signal: AbortSignal): Promise<SourcePosition> {
  return withSession(access, signal, 'ask where the log ends', async (session) =>
    positionAt(await readLineage(session), await endOfLog(session)),
  );
}
