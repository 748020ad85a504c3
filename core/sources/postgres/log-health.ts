import type { LogHealth } from '../source-connector.ts';
import type { Session } from './connection.ts';

/** What the slot keeps back, and how much more it may. */
export async function readLogHealth(session: Session, name: string): Promise<LogHealth> {
  const headroom = session.version >= 130_000 ? 'safe_wal_size' : 'NULL';
  const [row] = await session.rows(
    `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint, ${headroom} FROM pg_replication_slots WHERE slot_name = $1`,
    [name],
  );
  const [retained = null, safe = null] = row ?? [];
  return {
    retainedBytes: retained === null ? null : Number(retained),
    headroomBytes: safe === null ? null : Number(safe),
    expiresAt: null,
  };
}
