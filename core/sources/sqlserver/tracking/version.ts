import { PenstockError } from '../../../errors/penstock-error.ts';
import { oneRow, type Session } from '../server/session.ts';

/** The version of the last commit that the session sees. @throws PenstockError PS2005 where change tracking is off */
export async function readVersion(session: Session): Promise<string> {
  const [version] = await oneRow(session, { tag: 'trackingVersion' });
  if (version !== null && version !== undefined) return version;
  throw new PenstockError('PS2005', 'change tracking of the database is off', {
    remedy:
      'ALTER DATABASE CURRENT SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 7 DAYS, AUTO_CLEANUP = ON); then run a full extract.',
  });
}
