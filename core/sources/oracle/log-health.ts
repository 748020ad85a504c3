import { microsecondsFromTimestamp, timestampFromMicroseconds, type Timestamp } from '../../changes/timestamp.ts';
import { allRows } from '../session.ts';
import type { LogHealth } from '../source-connector.ts';
import { isRefused } from './errors.ts';
import type { Session } from './server/session.ts';
import type { OracleSettings } from './settings.ts';
import { readClock, serverMicroseconds } from './source-time.ts';

/** How far back archived logs go, by the thread of which the least is there; times in microseconds, UTC. */
export interface ArchiveReach {
  readonly oldest: bigint;
  readonly now: bigint;
  /** Of all threads, archived in the last 24 hours. */
  readonly bytesOfDay: bigint;
}

/** Null: none is there. */
export async function readArchiveReach(
  root: Session,
  { archiveDestination }: Pick<OracleSettings, 'archiveDestination'>,
): Promise<ArchiveReach | null> {
  const destination = archiveDestination?.toString() ?? (await firstDestination(root));
  if (destination === null) return null;
  const clock = await readClock(root);
  const rows = await allRows(root, { tag: 'archiveReach', destination });
  const times = rows.flatMap(([, , , time]) =>
    time === null || time === undefined ? [] : [serverMicroseconds(time, clock)],
  );
  if (times.length === 0) return null;
  const oldest = times.reduce((latest, time) => (time > latest ? time : latest));
  const bytesOfDay = rows.reduce((sum, [, , , , , bytes]) => sum + BigInt(bytes ?? 0), 0n);
  return { oldest, now: microsecondsFromTimestamp(clock.now), bytesOfDay };
}

/** The archive destination whose files are read where the user has chosen none; null: none works. */
export async function firstDestination(root: Session): Promise<string | null> {
  const [first] = await allRows(root, { tag: 'archiveDestinations' });
  return first?.[0] ?? null;
}

/**
 * Logs are kept as long as they are kept now: what was read at `readAt` is there until it is as old as the oldest log is. `readAt`: the time at
 * the source of the oldest redo that is still needed; null: not known.
 */
export async function readLogHealth(
  root: Session,
  settings: Pick<OracleSettings, 'archiveDestination'>,
  readAt: Timestamp | null,
): Promise<LogHealth> {
  const reach = await readArchiveReach(root, settings).catch((error: unknown) => {
    if (isRefused(error)) return null;
    throw error;
  });
  const expiresAt =
    reach === null || readAt === null
      ? null
      : timestampFromMicroseconds(microsecondsFromTimestamp(readAt) + (reach.now - reach.oldest));
  return { retainedBytes: null, headroomBytes: null, expiresAt };
}
