import { PenstockError } from '../../errors/penstock-error.ts';
import type { SourcePosition } from '../../changes/position.ts';
import type { Session } from './connection.ts';
import { lsnOrder, lsnText, parseLsn } from './place.ts';

/** Which log a position lies in: the cluster, its timeline (a promoted standby begins a new one) and the slot that keeps it. */
export interface Cluster {
  readonly systemId: string;
  readonly timeline: string;
}

/** Asks on a replication connection: the only way that is exact about the timeline and needs no more rights. */
export async function identifyCluster(session: Session): Promise<Cluster> {
  const [row] = await session.rows('IDENTIFY_SYSTEM');
  const [systemId = null, timeline = null] = row ?? [];
  if (systemId === null || timeline === null) throw new PenstockError('PS2008', 'IDENTIFY_SYSTEM answered nothing');
  return { systemId, timeline };
}

/** For extract types that read no log: the cluster as SQL tells it. */
export async function clusterBySql(session: Session): Promise<Cluster> {
  const [row] = await session.rows(
    'SELECT (SELECT system_identifier FROM pg_control_system()), (SELECT timeline_id FROM pg_control_checkpoint())',
  );
  return { systemId: row?.[0] ?? 'unknown', timeline: row?.[1] ?? 'unknown' };
}

export function lineageOf(cluster: Cluster, reader: string): string {
  return `postgres/${cluster.systemId}/${cluster.timeline}/${reader}`;
}

/** A place between two commits; `lsn` is where the record after the last commit begins. */
export function positionAt(lineage: string, lsn: bigint): SourcePosition {
  return { lineage, order: lsnOrder(lsn), resume: lsnText(lsn) };
}

export function lsnOf(position: SourcePosition): bigint {
  return parseLsn(position.resume);
}

/** @throws PenstockError PS2001 */
export function requireLineage(position: SourcePosition, lineage: string): void {
  if (position.lineage === lineage) return;
  throw new PenstockError(
    'PS2001',
    `the position reached so far is of ${position.lineage}, the server says ${lineage} (system id, timeline, slot)`,
  );
}
