import type { SourcePosition } from '../../changes/position.ts';
import type { Clock } from '../../host/host.ts';
import { withSession, type Access, type Session } from './connection.ts';
import { positionAt } from './lineage.ts';
import { parseLsn } from './place.ts';
import { currentLineage, type LogNames } from './prepare.ts';

const POLL_MILLISECONDS = 20;
/** The server's log writer has flushed everything that was committed asynchronously after three of its rounds. */
const WRITER_ROUNDS = 3;

/**
 * A place that an idle stream can reach, after every transaction that was committed before the call. It is what is flushed, not what is
 * inserted: the log hands out only the former, and an open transaction's records may wait unflushed for ever. A commit with
 * synchronous_commit = off is flushed a little later, which is waited for.
 */
export async function currentLogPosition(
  access: Access,
  names: LogNames,
  clock: Clock,
  signal: AbortSignal,
): Promise<SourcePosition> {
  const lineage = await currentLineage(access, names, signal);
  return withSession(access, signal, 'ask where the log ends', async (session) => {
    const [row] = await session.rows(
      `SELECT pg_current_wal_insert_lsn(), (SELECT setting FROM pg_settings WHERE name = 'wal_writer_delay')`,
    );
    const inserted = parseLsn(row?.[0] ?? '0/0');
    const deadline = clock.now() + WRITER_ROUNDS * Number(row?.[1] ?? 0) + POLL_MILLISECONDS;
    let flushed = await flushedLsn(session);
    while (flushed < inserted && clock.now() < deadline) {
      await clock.sleep(POLL_MILLISECONDS, signal);
      flushed = await flushedLsn(session);
    }
    return positionAt(lineage, flushed);
  });
}

async function flushedLsn(session: Session): Promise<bigint> {
  const [row] = await session.rows('SELECT pg_current_wal_flush_lsn()');
  return parseLsn(row?.[0] ?? '0/0');
}
