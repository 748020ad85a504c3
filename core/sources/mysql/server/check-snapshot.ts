import { tableId } from '../../../changes/table-name.ts';
import { error, ok, warning } from '../../finding.ts';
import type { Finding, TableSelection } from '../../source-connector.ts';
import type { Session } from '../connection.ts';
import { isRefused } from '../errors.ts';
import { isGranted, readAccount, readGrants } from './grants.ts';
import type { ServerSettings } from './server-settings.ts';
import { identifier } from '../sql.ts';

const BACKUP_STAGE_SINCE = 100_401;
/** Which way a copy will hold commits for a moment, see open-snapshot.ts. Read from the grants, because trying it would hold them. */
export async function checkSnapshotRights(
  session: Session,
  server: ServerSettings,
  tables: readonly TableSelection[],
): Promise<Finding[]> {
  const grants = await readGrants(session);
  const account = await readAccount(session);
  const code = 'mysql.snapshot_right';
  const findings = session.isMariaDb ? await checkUnlogged(session, account) : [];
  // Amazon grants RELOAD, and still refuses the lock.
  const isManaged = server.operator === 'rds' || server.operator === 'aurora';
  if (!isManaged && isGranted(grants, 'RELOAD', null)) {
    const way =
      session.isMariaDb && session.version >= BACKUP_STAGE_SINCE
        ? 'BACKUP STAGE BLOCK_COMMIT, which waits for no query'
        : 'FLUSH TABLES WITH READ LOCK, which waits for statements that run';
    return [...findings, ok(code, `a copy begins by holding commits for a moment: ${way}`)];
  }
  const lacking = tables.filter(({ table }) => !isGranted(grants, 'LOCK TABLES', table)).map(({ table }) => table);
  if (lacking.length === 0) {
    const way = 'LOCK TABLES … READ of the chosen tables, which waits for transactions that changed them';
    return [...findings, ok(code, `a copy begins by holding their changes for a moment: ${way}`)];
  }
  const schemas = [...new Set(lacking.map(({ schema }) => schema))];
  const locks = schemas.map((schema) => `GRANT LOCK TABLES ON ${identifier(schema)}.* TO ${account};`).join(' ');
  return [
    ...findings,
    error(
      code,
      `the user may not hold changes for the moment in which a copy begins: ${lacking.map(tableId).join(', ')}`,
      isManaged ? locks : `GRANT RELOAD ON *.* TO ${account}; or: ${locks}`,
    ),
  ];
}

/** MariaDB lets go of a table between chunks only in a session that writes no log (open-snapshot.ts). */
async function checkUnlogged(session: Session, account: string): Promise<Finding[]> {
  try {
    await session.run('SET SESSION sql_log_bin = 0');
    await session.run('SET SESSION sql_log_bin = 1');
    return [];
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
    return [
      warning(
        'mysql.alter_waits',
        'an ALTER TABLE of a chosen table will wait until its copy ends, and all who queue behind it',
        `GRANT BINLOG ADMIN ON *.* TO ${account};`,
      ),
    ];
  }
}
