import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { error, ok, warning } from '../finding.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import type { Access, Session } from './connection.ts';
import { isRefused, sourceError } from './errors.ts';
import { readFileCreated } from './wire/file-created.ts';
import { readAccount } from './server/grants.ts';
import { unloggedDatabases } from './server/log-filters.ts';
import { logStatus } from './lineage.ts';
import { checkRetention, reachFinding } from './server/log-reach.ts';
import { readRetention, type Retention } from './server/retention.ts';
import type { ServerSettings } from './server/server-settings.ts';

export interface LogChecks {
  readonly access: Access;
  readonly server: ServerSettings;
  readonly serverId: number;
  readonly tables: readonly TableSelection[];
  readonly signal: AbortSignal;
}

/** What of the log is there, who may read it, and for how long it stays. */
export async function checkLogFiles(session: Session, checks: LogChecks): Promise<Finding[]> {
  const retention = await readRetention(session, checks.server);
  const findings = [checkRetention(checks.server, retention)];
  const account = await readAccount(session);
  const right = session.isMariaDb && session.version >= BINLOG_MONITOR_SINCE ? 'BINLOG MONITOR' : 'REPLICATION CLIENT';
  const files = await allowed(() => session.records('SHOW BINARY LOGS'));
  const status = await allowed(async () => (await logStatus(session)) ?? new Map<string, string | null>());
  if (files === null || status === null) {
    const message = 'the user may not ask where the log ends and which of its files are there';
    findings.push(error('mysql.binlog_right', message, `GRANT ${right} ON *.* TO ${account};`));
  } else {
    findings.push(ok('mysql.binlog_right', 'the user may ask where the log ends'));
    findings.push(...checkFilter(status, checks));
    findings.push(...(await checkReach(session, checks, files, retention, account)));
  }
  return [...findings, ...(await checkReplicas(session, checks)), ...(await checkChain(session, checks, account))];
}

/** MariaDB's name of the right that MySQL calls REPLICATION CLIENT. */
const BINLOG_MONITOR_SINCE = 100_502;
/** Null where the user lacks the right. */
async function allowed<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (cause) {
    if (isRefused(cause)) return null;
    throw cause;
  }
}

/** With rows in the log, the filters go by the database of the table. */
function checkFilter(status: ReadonlyMap<string, string | null>, { tables }: LogChecks): Finding[] {
  const setting = `binlog_do_db (${status.get('binlog_do_db') ?? ''}) or binlog_ignore_db (${status.get('binlog_ignore_db') ?? ''})`;
  const unlogged = unloggedDatabases(
    status,
    tables.map(({ table }) => table.schema),
  );
  return tables
    .filter(({ table }) => unlogged.includes(table.schema))
    .map(({ table }) =>
      error(
        'mysql.binlog_filter',
        `${tableId(table)}: its database is left out of the log by ${setting}`,
        'Take the setting out of my.cnf, or add the database, and restart the server.',
      ),
    );
}

/** Reads the head of the oldest file: it tells its age, and whether the user may read the log at all. */
async function checkReach(
  session: Session,
  { access, server, serverId, signal }: LogChecks,
  files: readonly ReadonlyMap<string, string | null>[],
  retention: Retention,
  account: string,
): Promise<Finding[]> {
  const oldest = files[0]?.get('log_name') ?? null;
  if (oldest === null) return [];
  try {
    const created = await readFileCreated(access, oldest, serverId, signal);
    const [row] = await session.rows('SELECT UNIX_TIMESTAMP()');
    const seconds = Math.max(0, Number(row?.[0]) - created);
    const bytes = files.reduce((sum, file) => sum + Number(file.get('file_size') ?? 0), 0);
    return [
      ok('mysql.replication_right', 'the user may read the log'),
      reachFinding(server, { seconds, bytes, files: files.length }, retention),
    ];
  } catch (cause) {
    signal.throwIfAborted();
    const failure = sourceError(cause, 'read the log');
    if (!(failure instanceof PenstockError)) throw failure;
    const remedy = failure.code === 'PS2004' ? `GRANT REPLICATION SLAVE ON *.* TO ${account};` : failure.remedy;
    return [error('mysql.replication_right', failure.message, remedy)];
  }
}

/** MySQL 8.0.22 has the statement's new name, 8.4 only that one. */
const SHOW_REPLICAS_SINCE = 80_022;

/** Replicas say their number when they connect; two of one number end each other's reading again and again. */
async function checkReplicas(session: Session, { serverId }: LogChecks): Promise<Finding[]> {
  const isNew = !session.isMariaDb && session.version >= SHOW_REPLICAS_SINCE;
  const replicas = await allowed(() => session.records(isNew ? 'SHOW REPLICAS' : 'SHOW SLAVE HOSTS'));
  const same = (replicas ?? []).some((replica) => Number(replica.get('server_id')) === serverId);
  if (!same) return [];
  return [
    error(
      'mysql.server_id',
      `a replica of the server has number ${serverId} too`,
      'Choose another number in source.serverId.',
    ),
  ];
}

/** A replica that does not log what it applies has a log without most changes. */
async function checkChain(session: Session, { server }: LogChecks, account: string): Promise<Finding[]> {
  const setting = server.values.has('log_replica_updates') ? 'log_replica_updates' : 'log_slave_updates';
  if (server.values.get(setting) === 'ON') return [];
  const code = 'mysql.replica';
  const inCluster = server.values.get('wsrep_on') === 'ON';
  switch (inCluster ? 'yes' : await isReplica(session)) {
    case 'no':
      return [ok(code, 'the server is no replica')];
    case 'yes':
      return [
        error(
          code,
          inCluster
            ? `the server is in a Galera cluster, and ${setting} is OFF: what other nodes write is not in its log`
            : `the server is a replica, and ${setting} is OFF: what its source sends is not in its log`,
          `In my.cnf below [mysqld]: ${setting} = ON; then restart the server.${inCluster ? '' : ' Or read the source itself: set source.host.'}`,
        ),
      ];
    case 'unknown':
      return [
        warning(
          code,
          `the user may not see whether the server is a replica; ${setting} is OFF, so a replica's log would lack what its source sends`,
          `GRANT REPLICATION CLIENT ON *.* TO ${account};`,
        ),
      ];
  }
}

async function isReplica(session: Session): Promise<'yes' | 'no' | 'unknown'> {
  const isNew = !session.isMariaDb && session.version >= SHOW_REPLICAS_SINCE;
  const statement = session.isMariaDb ? 'SHOW ALL SLAVES STATUS' : isNew ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS';
  const sources = await allowed(() => session.records(statement));
  if (sources !== null) return sources.length > 0 ? 'yes' : 'no';
  // MariaDB tells everybody how many run.
  const [running] = await session.rows(`SHOW GLOBAL STATUS LIKE 'Slaves_running'`);
  return running === undefined ? 'unknown' : running[1] === '0' ? 'no' : 'yes';
}
