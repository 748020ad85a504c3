import { ok, warning } from '../../finding.ts';
import type { Finding } from '../../source-connector.ts';
import type { Session } from '../connection.ts';
import { isWithoutMd5, MD5_REMEDY } from '../errors.ts';

/** Whether the server can compute the digests by which both sides are compared. */
export async function checkDigest(session: Session): Promise<Finding> {
  const code = 'mysql.digest';
  try {
    await session.rows(`SELECT MD5('')`);
    return ok(code, 'MD5 is there: verification compares both sides by digests');
  } catch (error) {
    if (!isWithoutMd5(error)) throw error;
    return warning(
      code,
      'the server has no function MD5, which MySQL 9.6 and newer keep in a component: tables cannot be verified',
      MD5_REMEDY,
    );
  }
}
