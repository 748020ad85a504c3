import { timestampFromMicroseconds, type Timestamp } from '../../changes/timestamp.ts';
import type { Session } from './connection.ts';

/** Microseconds since 1970 by the source's clock. */
export async function sourceMicroseconds(session: Session): Promise<bigint> {
  const [row] = await session.rows('SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)');
  return BigInt(row?.[0] ?? '0');
}

/** From here on the log has commit times in microseconds; before, and in MariaDB, in whole seconds. */
const FINE_COMMIT_TIMES = 80_001;
const SECOND = 1_000_000n;

/** The source's time as precise as its log tells commits: no commit after now has an earlier one. */
export async function sourceTimestamp(session: Session): Promise<Timestamp> {
  const now = await sourceMicroseconds(session);
  const isFine = !session.isMariaDb && session.version >= FINE_COMMIT_TIMES;
  return timestampFromMicroseconds(isFine ? now : (now / SECOND) * SECOND);
}
