import type { SourcePosition } from '../../changes/position.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { oneRow } from '../session.ts';
import { isRefused } from './errors.ts';
import { isInPluggable, readDatabase, readRelease, type Database, type Release } from './server/database.ts';
import type { Session } from './server/session.ts';
import { identifier } from './sql.ts';

/** 12.2: from here on a pluggable database has a history of its own, and says so. */
const FIRST_WITH_INCARNATIONS = 12;

/**
 * Whose changes they are: the database's id and its RESETLOGS, which a point-in-time recovery, a flashback of the database and a failover to a copy begin
 * anew; of a pluggable database its name and its incarnation too, because it can be set back by itself.
 * `session`: one in the database whose tables are read. @throws PenstockError PS2004
 */
export async function readLineage(session: Session): Promise<string> {
  const database = await readDatabase(session);
  return lineageOf(database, isInPluggable(database) ? await readIncarnation(session, database) : null);
}

export function lineageOf(database: Database, incarnation: string | null): string {
  const { dbid, resetlogs, container } = database;
  const base = `oracle/${dbid}/${resetlogs.scn}`;
  return container === null || !isInPluggable(database) ? base : `${base}/${container.name}/${incarnation ?? ''}`;
}

/** Whether the release tells the incarnations of pluggable databases. */
export function hasIncarnations({ text, major }: Release): boolean {
  return major >= FIRST_WITH_INCARNATIONS && !text.startsWith('12.1');
}

/** Null: the server is older than incarnations. @throws PenstockError PS2004 */
async function readIncarnation(session: Session, { user }: Database): Promise<string | null> {
  try {
    const [incarnation] = await oneRow(session, { tag: 'incarnation' });
    return incarnation ?? null;
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (!hasIncarnations(await readRelease(session))) return null;
    throw new PenstockError(
      'PS2004',
      'the user may not see the incarnations of the pluggable database, by which a restored one is told',
      { remedy: `GRANT SELECT ON SYS.V_$PDB_INCARNATION TO ${identifier(user)};`, cause: error },
    );
  }
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
    `the position reached so far is of ${position.lineage}, the server says ${lineage} (DBID, RESETLOGS_CHANGE#, pluggable database and its incarnation)`,
  );
}
