import { millisecondsFromTimestamp, timestampFromMilliseconds, type Timestamp } from '../../changes/timestamp.ts';
import type { LogHealth } from '../source-connector.ts';
import { isRefused } from './errors.ts';
import { readDatabase } from './server/database.ts';
import { oneRow, type Session } from './server/session.ts';

const MINUTE = 60_000;

/** The clean-up removes changes older than the retention: what was read at `readAt` is the last that is surely there until then. */
export async function readTrackingHealth(session: Session, readAt: Timestamp | null): Promise<LogHealth> {
  const { tracking } = await readDatabase(session);
  return expiring(readAt, tracking?.cleansUp === true ? tracking.retentionMinutes : null);
}

export async function readCaptureHealth(session: Session, readAt: Timestamp | null): Promise<LogHealth> {
  return expiring(readAt, await readCaptureRetention(session));
}

/** Minutes; null where the user may not know, or there is no clean-up. */
export async function readCaptureRetention(session: Session): Promise<number | null> {
  try {
    const [minutes] = await oneRow(session, { tag: 'captureRetention' });
    return minutes === undefined || minutes === null ? null : Number(minutes);
  } catch (error) {
    if (isRefused(error)) return null;
    throw error;
  }
}

function expiring(readAt: Timestamp | null, minutes: number | null): LogHealth {
  const expiresAt =
    readAt === null || minutes === null
      ? null
      : timestampFromMilliseconds(millisecondsFromTimestamp(readAt) + minutes * MINUTE);
  return { retainedBytes: null, headroomBytes: null, expiresAt };
}
