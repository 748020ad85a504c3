import type { Session } from '../connection.ts';

/** Who runs the server: managed ones have their own switches in place of SET GLOBAL and my.cnf. */
export type Operator = 'self' | 'rds' | 'aurora' | 'cloudsql';

/** The server's settings that reading its log depends on. */
export interface ServerSettings {
  readonly operator: Operator;
  readonly isMariaDb: boolean;
  /** 80036 for 8.0.36. */
  readonly version: number;
  /** By name in lower case; one that this version does not have is absent. */
  readonly values: ReadonlyMap<string, string>;
}

const NAMES = [
  'aurora_version',
  'basedir',
  'binlog_checksum',
  'binlog_expire_logs_auto_purge',
  'binlog_expire_logs_seconds',
  'binlog_format',
  'binlog_row_image',
  'binlog_row_metadata',
  'binlog_row_value_options',
  'binlog_space_limit',
  'expire_logs_days',
  'gtid_mode',
  'gtid_strict_mode',
  'log_bin',
  'log_replica_updates',
  'log_slave_updates',
  'max_binlog_total_size',
  'server_id',
  'version_comment',
  'wsrep_on',
];

/** Needs no right. */
export async function readServerSettings(session: Session): Promise<ServerSettings> {
  const names = NAMES.map((name) => `'${name}'`).join(', ');
  const rows = await session.rows(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`);
  const values = new Map(rows.map(([name, value]) => [(name ?? '').toLowerCase(), value ?? '']));
  return { operator: operatorOf(values), isMariaDb: session.isMariaDb, version: session.version, values };
}

/** Amazon's servers are installed below /rdsdbbin; Google's name themselves. */
export function operatorOf(values: ReadonlyMap<string, string>): Operator {
  if (values.has('aurora_version')) return 'aurora';
  if ((values.get('basedir') ?? '').startsWith('/rdsdbbin')) return 'rds';
  return /google/i.test(values.get('version_comment') ?? '') ? 'cloudsql' : 'self';
}

/** SET PERSIST, which my.cnf need not repeat. */
const PERSIST_SINCE = 80_000;

/** How a setting is set, now and for good. */
export function settingRemedy({ operator, isMariaDb, version }: ServerSettings, name: string, value: string): string {
  switch (operator) {
    case 'rds':
      return `Set ${name} = ${value} in the parameter group of the instance.`;
    case 'aurora':
      return `Set ${name} = ${value} in the parameter group of the cluster.`;
    case 'cloudsql':
      return `Set the flag ${name} = ${value} of the instance.`;
    case 'self':
      if (!isMariaDb && version >= PERSIST_SINCE) return `SET PERSIST ${name} = ${value};`;
      return `SET GLOBAL ${name} = ${value}; and, so that it stays, in my.cnf below [mysqld]: ${name} = ${value}`;
  }
}

/** The same for settings that only a start of the server takes in. */
export function startSettingRemedy(server: ServerSettings, name: string, value: string): string {
  if (server.operator !== 'self') return `${settingRemedy(server, name, value)} Then restart it.`;
  return `In my.cnf below [mysqld]: ${name} = ${value}; then restart the server.`;
}
