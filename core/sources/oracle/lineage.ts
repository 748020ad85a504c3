import type { SourcePosition } from '../../changes/position.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { oneRow } from '../session.ts';
import type { Clock } from '../../host/host.ts';
import { checkRole } from './check-server.ts';
import { isRefused } from './errors.ts';
import { scnOfOrder } from './mining/mined-place.ts';
import { isInPluggable, readDatabase, readRelease, type Database, type Release } from './server/database.ts';
import { currentScn } from './server/hand-off.ts';
import type { Session } from './server/session.ts';
import { identifier } from './sql.ts';

/** 12.2: from here on a pluggable database has a history of its own, and says so. */
const FIRST_WITH_INCARNATIONS = 12;

/**
 * Whose changes they are: the database's id and its RESETLOGS, which a point-in-time recovery, a flashback of the database and a failover to a copy begin
 * anew, at the same SCN where it goes back to the same restore point again, but never at the same time; of a pluggable database its name, its own id,
 * which one that is made in its place has not, and its incarnation too, because it can be set back by itself.
 * `session`: one in the database whose tables are read. @throws PenstockError PS2004
 */
export async function readLineage(session: Session): Promise<string> {
  return readLineageOf(session, await readDatabase(session));
}

/**
 * The same, for whoever reads the log. @throws PenstockError PS2002 where it is a standby's: its open transactions are those of the primary, which it does not tell,
 * and its redo is in none of the logs that it lists
 */
export async function readLogLineage(session: Session): Promise<string> {
  const database = await readDatabase(session);
  const [fault] = checkRole(database);
  if (fault !== undefined) throw new PenstockError('PS2002', fault.message, { remedy: fault.remedy ?? '' });
  return readLineageOf(session, database);
}

async function readLineageOf(session: Session, database: Database): Promise<string> {
  return lineageOf(database, isInPluggable(database) ? await readIncarnation(session, database) : null);
}

export function lineageOf(database: Database, incarnation: string | null): string {
  const { dbid, resetlogs, container } = database;
  const base = `oracle/${dbid}/${resetlogs.scn}@${resetlogs.time.replaceAll(/\D/g, '')}`;
  if (container === null || !isInPluggable(database)) return base;
  return `${base}/${container.name}@${container.dbid}/${incarnation ?? ''}`;
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
    `the position reached so far is of ${position.lineage}, the server says ${lineage} (DBID, RESETLOGS_CHANGE# and time; pluggable database, its DBID and incarnation)`,
  );
}

const LOOK_MILLISECONDS = 1000;
/** Instances of a cluster agree on the SCN within milliseconds, and an idle one moves on every few seconds. */
const MOST_LOOKS = 5;

/**
 * The server is as far as the position is. One that is not was set back without RESETLOGS, by a snapshot of its storage or an older copy of its
 * files: it goes on with SCNs and logs of the same numbers, in which other changes stand. @throws PenstockError PS2001
 */
export async function requireReached(
  session: Session,
  { order }: SourcePosition,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<void> {
  const reached = scnOfOrder(order);
  for (let looks = 1; ; looks++) {
    const now = await currentScn(session);
    if (BigInt(now) >= BigInt(reached)) return;
    if (looks === MOST_LOOKS) {
      throw new PenstockError(
        'PS2001',
        `the position reached so far is at SCN ${reached}, the server is at ${now} only: it was set back without RESETLOGS`,
      );
    }
    await clock.sleep(LOOK_MILLISECONDS, signal);
  }
}
