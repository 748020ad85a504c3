import { millisecondsFromTimestamp, timestampFromMicroseconds, type Timestamp } from '../../changes/timestamp.ts';
import type { LogHealth } from '../source-connector.ts';
import type { Session } from './connection.ts';

/** How long the server keeps its log, in seconds; null: for ever, or it cannot be asked. */
export async function retentionSeconds(session: Session): Promise<number | null> {
  const variables = new Map(
    (
      await session.rows(
        `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('binlog_expire_logs_seconds', 'expire_logs_days')`,
      )
    ).map(([name, value]) => [name ?? '', Number(value)]),
  );
  const seconds =
    (variables.get('binlog_expire_logs_seconds') ?? 0) || (variables.get('expire_logs_days') ?? 0) * 86_400;
  return seconds === 0 ? null : seconds;
}

/**
 * The server drops a file when its last change is older than its retention; what was written at `readAt` is there until then.
 * It keeps nothing for this pipeline, so that bytes tell nothing.
 */
export async function readLogHealth(session: Session, readAt: Timestamp | null): Promise<LogHealth> {
  const seconds = await retentionSeconds(session);
  const expires = seconds === null || readAt === null ? null : millisecondsFromTimestamp(readAt) + seconds * 1000;
  return {
    retainedBytes: null,
    headroomBytes: null,
    expiresAt: expires === null ? null : timestampFromMicroseconds(BigInt(Math.trunc(expires)) * 1000n),
  };
}
