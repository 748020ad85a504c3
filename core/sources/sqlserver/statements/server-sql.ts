import { conditionSql } from '../../condition.ts';
import { qualified } from '../sql.ts';
import { batch, BoundValues } from './bound-values.ts';
import type { ServerStatement } from './server.ts';
import type { SqlText } from './sql-text.ts';

/** The time in UTC, and by how many minutes the server's clock shows more. */
export const TIMES =
  'CONVERT(varchar(27), SYSUTCDATETIME(), 126), CONVERT(varchar(6), DATEPART(TZOFFSET, SYSDATETIMEOFFSET()))';

/** The units of change tracking's retention, by sys.change_tracking_databases. */
const RETENTION_MINUTES = `c.retention_period * CASE c.retention_period_units WHEN 1 THEN 1 WHEN 2 THEN 60 ELSE 1440 END`;

const DATABASE = `SELECT DB_NAME(), CONVERT(varchar(36), r.database_guid), CONVERT(varchar(36), r.recovery_fork_guid),
  CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), CONVERT(nvarchar(128), SERVERPROPERTY('Edition')), d.snapshot_isolation_state_desc,
  CASE WHEN c.database_id IS NULL THEN '0' ELSE '1' END, CONVERT(varchar(20), ${RETENTION_MINUTES}),
  CONVERT(varchar(1), c.is_auto_cleanup_on), CONVERT(varchar(1), d.is_cdc_enabled),
  CASE WHEN DB_ID(N'rdsadmin') IS NULL THEN '0' ELSE '1' END,
  CASE WHEN CONVERT(nvarchar(20), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')) = N'READ_WRITE' THEN '1' ELSE '0' END, USER_NAME(),
  CONVERT(varchar(3), d.compatibility_level)
FROM sys.databases AS d
LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
LEFT JOIN sys.change_tracking_databases AS c ON c.database_id = d.database_id
WHERE d.database_id = DB_ID();`;

const DATABASE_RIGHTS = `SELECT CONVERT(varchar(1), HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'VIEW DATABASE STATE')),
  CONVERT(varchar(1), CASE WHEN SCHEMA_ID(N'cdc') IS NULL THEN NULL ELSE HAS_PERMS_BY_NAME(N'cdc', 'SCHEMA', 'SELECT') END);`;

const AGENT = `SELECT CASE WHEN status = 4 THEN '1' ELSE '0' END FROM sys.dm_server_services WHERE servicename LIKE N'SQL Server Agent%';`;

export function serverSql(statement: ServerStatement): SqlText {
  switch (statement.tag) {
    case 'database':
      return batch(DATABASE);
    case 'now':
      return batch(`SELECT ${TIMES};`);
    case 'minActiveRowversion':
      return batch('SELECT CONVERT(varchar(16), MIN_ACTIVE_ROWVERSION(), 2);');
    case 'databaseRights':
      return batch(DATABASE_RIGHTS);
    case 'agent':
      return batch(AGENT);
    case 'tryCondition':
      return batch(
        `SELECT COUNT(*) FROM (SELECT TOP (0) 1 AS one FROM ${qualified(statement.table)} WHERE ${conditionSql(statement.where)}) AS tried;`,
      );
    case 'tableRights':
      return tableRights(statement);
  }
}

function tableRights({ tables }: Extract<ServerStatement, { tag: 'tableRights' }>): SqlText {
  const bound = new BoundValues();
  const rights = tables.map((table, index) => {
    const name = bound.text(qualified(table));
    return `SELECT '${index}', ${mayOn(name, 'SELECT')}, ${mayOn(name, 'VIEW CHANGE TRACKING')}`;
  });
  return bound.sql(rights.join('\nUNION ALL ') + ';');
}

/** `1`, `0`, or NULL where there is no such object. */
function mayOn(name: string, right: string): string {
  return `CONVERT(varchar(1), HAS_PERMS_BY_NAME(${name}, 'OBJECT', '${right}'))`;
}
