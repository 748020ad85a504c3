import type { Clock, Randomness } from '../../host/host.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Snapshot } from '../source-connector.ts';
import { guarded, openSession, type Session } from './connection.ts';
import { clusterBySql, identifyCluster, lineageOf, positionAt } from './lineage.ts';
import { timePosition } from '../poll-position.ts';
import { sourceMicroseconds } from './source-time.ts';
import { parseLsn } from './place.ts';
import { cancelledOnAbort } from './prepare.ts';
import { PostgresSnapshot, type ExportedSnapshot, type SnapshotContext } from './snapshot.ts';
import { identifier } from './sql.ts';

export interface SnapshotHost {
  readonly clock: Clock;
  readonly randomness: Randomness;
}

const LONGEST_SLOT_NAME = 63;

/**
 * A snapshot whose place in the log is exact: a temporary slot is made only to export it, because a snapshot taken beside
 * pg_current_wal_lsn() may lack a transaction that stands in the log before that place. The connection stays open and idle:
 * the snapshot dies with the next command on it.
 */
export async function openLogSnapshot(
  context: SnapshotContext,
  host: SnapshotHost,
  slot: string,
  signal: AbortSignal,
): Promise<Snapshot> {
  return holding(context, signal, 'replication', async (session) => {
    const lineage = lineageOf(await identifyCluster(session), slot);
    const temporary = `${slot.slice(0, LONGEST_SLOT_NAME - 20)}_copy_${host.randomness.identifier()}`.slice(
      0,
      LONGEST_SLOT_NAME,
    );
    const [row] = await cancelledOnAbort(context.access, session, signal, () =>
      session.rows(`CREATE_REPLICATION_SLOT ${identifier(temporary)} TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT`),
    );
    const [, consistentPoint = null, name = null] = row ?? [];
    if (consistentPoint === null || name === null) throw new PenstockError('PS2008', 'the server exported no snapshot');
    return {
      name,
      holder: session,
      position: positionAt(lineage, parseLsn(consistentPoint)),
      takenAt: host.clock.timestamp(),
    };
  });
}

/** For extract types that read no log: a snapshot of a transaction that stays open. Its place is the time at the source. */
export async function openPlainSnapshot(
  context: SnapshotContext,
  host: SnapshotHost,
  reader: string,
  signal: AbortSignal,
): Promise<Snapshot> {
  return holding(context, signal, 'query', async (session) => {
    const lineage = lineageOf(await clusterBySql(session), reader);
    // The time is asked first: what was read before it is then surely visible.
    const microseconds = await sourceMicroseconds(session);
    await session.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const [row] = await session.rows('SELECT pg_export_snapshot()');
    const [name = null] = row ?? [];
    if (name === null) throw new PenstockError('PS2008', 'the server exported no snapshot');
    return {
      name,
      holder: session,
      position: timePosition(lineage, microseconds),
      takenAt: host.clock.timestamp(),
    };
  });
}

async function holding(
  context: SnapshotContext,
  signal: AbortSignal,
  kind: 'query' | 'replication',
  take: (session: Session) => Promise<ExportedSnapshot>,
): Promise<Snapshot> {
  const session = await openSession(context.access, signal, kind);
  try {
    return new PostgresSnapshot(context, await guarded(session, signal, 'take a snapshot', () => take(session)));
  } catch (error) {
    session.destroy();
    throw error;
  }
}
