import { error } from '../../finding.ts';
import { allRows } from '../../session.ts';
import type { Finding } from '../../source-connector.ts';
import { isRefused } from '../errors.ts';
import { grantView } from './grants.ts';
import { isInPluggable, sessionUser, type Database } from './database.ts';
import type { Session } from './session.ts';
import { identifier } from '../sql.ts';

/**
 * Whether the user sees in the root what is of the pluggable database of the tables. Until he is let (CONTAINER_DATA, Security Guide), views like
 * GV$TRANSACTION have no rows of it, without an error: transactions that are open when a copy begins would be lost. `tables`: as the session in the
 * pluggable database tells it.
 */
export async function checkContainerSeen(root: Session, tables: Database): Promise<Finding[]> {
  const name = tables.container?.name;
  if (name === undefined || !isInPluggable(tables)) return [];
  const user = await sessionUser(root);
  try {
    const seen = await allRows(root, { tag: 'containers' });
    if (seen.some(([, one]) => one === name)) return [];
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
    const message =
      'the user may not read V$CONTAINERS, which tells whether he sees the pluggable database in the root';
    return [error('oracle.rights', message, grantView('V$CONTAINERS', { user, isRds: false }))];
  }
  const message = `in the root the user sees nothing of ${name}: its open transactions would be lost`;
  const remedy = `ALTER USER ${identifier(user)} SET CONTAINER_DATA = ALL CONTAINER = CURRENT;`;
  return [error('oracle.container_data', message, remedy)];
}
