import type { SourcePosition } from '../../changes/position.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { readDatabase, type Database } from './server/database.ts';
import type { Session } from './server/session.ts';
import { identifier } from './sql.ts';

/**
 * Whose changes they are: the database's GUID, which a copy of it under another name does not keep, its recovery fork, which every
 * restore begins anew, and its name. @throws PenstockError PS2004 where the user may not see them
 */
export function lineageOf({ name, guid, fork, user }: Database): string {
  if (guid === null || fork === null) {
    throw new PenstockError(
      'PS2004',
      'the user may not see the GUIDs of the database, by which a restored one is told',
      {
        remedy: `In master: GRANT VIEW ANY DATABASE TO the login of ${identifier(user)};`,
      },
    );
  }
  return `sqlserver/${guid.toLowerCase()}/${fork.toLowerCase()}/${name}`;
}

export async function readLineage(session: Session): Promise<string> {
  return lineageOf(await readDatabase(session));
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
    `the position reached so far is of ${position.lineage}, the server says ${lineage} (database GUID, recovery fork, name)`,
  );
}
