import { millisecondsFromTimestamp, timestampFromMicroseconds, type Timestamp } from '../../changes/timestamp.ts';
import type { LogHealth } from '../source-connector.ts';
import type { Session } from './connection.ts';
import { readRetention } from './server/retention.ts';
import { readServerSettings } from './server/server-settings.ts';

/**
 * The server drops a file when its last change is older than its retention; what was written at `readAt` is there until then.
 * It keeps nothing for this pipeline, so that bytes tell nothing.
 */
export async function readLogHealth(session: Session, readAt: Timestamp | null): Promise<LogHealth> {
  const retention = await readRetention(session, await readServerSettings(session));
  const expires =
    retention.tag !== 'seconds' || readAt === null
      ? null
      : millisecondsFromTimestamp(readAt) + retention.seconds * 1000;
  return {
    retainedBytes: null,
    headroomBytes: null,
    expiresAt: expires === null ? null : timestampFromMicroseconds(BigInt(Math.trunc(expires)) * 1000n),
  };
}
