import { PenstockError } from '../../../errors/penstock-error.ts';
import { oneRow, type Session } from './session.ts';

/** What the server says of the database that the session is in. */
export interface Database {
  readonly name: string;
  /** Null where the user may not see it. */
  readonly guid: string | null;
  /** Changes with every restore; null where the user may not see it. */
  readonly fork: string | null;
  /** The first number of the product version: 13 for SQL Server 2016. */
  readonly major: number;
  readonly version: string;
  readonly edition: string;
  readonly snapshotIsolation: 'ON' | 'OFF' | 'TURNING';
  /** Null: change tracking is off. */
  readonly tracking: { readonly retentionMinutes: number; readonly cleansUp: boolean } | null;
  readonly isCaptured: boolean;
  readonly isRds: boolean;
  readonly isWritable: boolean;
  /** The user's name in the database, for GRANTs. */
  readonly user: string;
  /** 130 is that of SQL Server 2016; a database keeps the one that it was made with. */
  readonly compatibilityLevel: number;
}

/** SQL Server 2016: before it temporal tables and parts of the catalog are not there. */
export const OLDEST_MAJOR = 13;

export async function readDatabase(session: Session): Promise<Database> {
  const row = await oneRow(session, { tag: 'database' });
  const [name, guid, fork, version, edition, isolation, isTracked, minutes, cleansUp, isCaptured, isRds, isWritable] =
    row;
  if (name === undefined || name === null)
    throw new PenstockError('PS2008', 'the server does not describe its database');
  return {
    name,
    guid: guid ?? null,
    fork: fork ?? null,
    major: Number((version ?? '').split('.')[0]),
    version: version ?? '',
    edition: edition ?? '',
    snapshotIsolation: isolation === 'ON' || isolation === 'OFF' ? isolation : 'TURNING',
    tracking: isTracked === '1' ? { retentionMinutes: Number(minutes ?? 0), cleansUp: cleansUp === '1' } : null,
    isCaptured: isCaptured === '1',
    isRds: isRds === '1',
    isWritable: isWritable === '1',
    user: row[12] ?? '',
    compatibilityLevel: Number(row[13] ?? 0),
  };
}
