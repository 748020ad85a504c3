import type { SourcePosition } from '../../changes/position.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Session } from './connection.ts';
import type { LogPlace } from './place.ts';

/** Whose log it is: MySQL's server UUID; MariaDB, which has none, is told by its server id and GTID domain. */
export async function readLineage(session: Session): Promise<string> {
  if (!session.isMariaDb) {
    const [row] = await session.rows('SELECT @@global.server_uuid');
    return `mysql/${row?.[0] ?? 'unknown'}`;
  }
  const [row] = await session.rows('SELECT @@global.server_id, @@global.gtid_domain_id');
  return `mariadb/${row?.[0] ?? '?'}-${row?.[1] ?? '?'}`;
}

/** For extract types that read no log. */
export async function copiesLineage(session: Session): Promise<string> {
  return `${await readLineage(session)}/copies`;
}

/** @throws PenstockError PS2001 */
export function requireLineage(position: SourcePosition, lineage: string): void {
  if (position.lineage === lineage) return;
  throw new PenstockError(
    'PS2001',
    `the position reached so far is of ${position.lineage}, the server says ${lineage} (MySQL: server UUID; MariaDB: server id and GTID domain)`,
  );
}

/** MySQL 8.2 has the statement's new name, 8.4 only that one. */
const NEW_NAME = 80_200;

/** SHOW MASTER STATUS by its names: `file`, `position`, `binlog_do_db`, `binlog_ignore_db`; null: there is no log. */
export async function logStatus(session: Session): Promise<ReadonlyMap<string, string | null> | null> {
  const isNew = !session.isMariaDb && session.version >= NEW_NAME;
  const [row] = await session.records(isNew ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
  return row ?? null;
}

/** Where the log ends now, between two transactions. @throws PenstockError PS2005 when there is no log */
export async function endOfLog(session: Session): Promise<LogPlace> {
  const status = await logStatus(session);
  const file = status?.get('file') ?? null;
  const position = status?.get('position') ?? null;
  if (file === null || position === null) {
    throw new PenstockError('PS2005', 'the server writes no binlog', {
      remedy: 'Set log_bin and server_id in my.cnf and start the server again.',
    });
  }
  return { file, position: Number(position), created: null, gtid: null };
}
