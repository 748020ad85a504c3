import { PenstockError } from '../../../errors/penstock-error.ts';
import { literal, identifier } from '../sql.ts';
import { readDatabase, type Database } from './database.ts';
import type { Session } from './session.ts';

/**
 * Begins a transaction in which the database stands still, where the database allows it (ALLOW_SNAPSHOT_ISOLATION).
 * @returns whether it does
 */
export async function beginView(session: Session): Promise<boolean> {
  const { snapshotIsolation } = await readDatabase(session);
  if (snapshotIsolation !== 'ON') return false;
  await session.run({ tag: 'beginSnapshot' });
  return true;
}

/** The statement that allows SNAPSHOT transactions. */
export function allowSnapshots({ name }: Pick<Database, 'name'>): string {
  return `ALTER DATABASE ${identifier(name)} SET ALLOW_SNAPSHOT_ISOLATION ON;`;
}

/** @throws PenstockError PS2005 where a chosen exact place cannot be had */
export function requireSnapshots(database: Database, setting: 'require' | 'without'): void {
  if (setting === 'without' || database.snapshotIsolation === 'ON') return;
  throw new PenstockError('PS2005', `ALLOW_SNAPSHOT_ISOLATION of database ${literal(database.name)} is not on`, {
    remedy: allowSnapshots(database),
  });
}
