import type { Finding } from '../source-connector.ts';
import type { Session } from './connection.ts';
import { error, ok, warning } from '../finding.ts';
import type { PostgresSettings } from './settings.ts';
import { readLogHealth } from './log-health.ts';
import { TRUNCATES } from './server/publication.ts';
import { readSlot } from './server/slot.ts';
import { identifier, literal } from './sql.ts';

/** Who runs the server: managed ones have their own switch for logical decoding, and roles in place of attributes. */
type Operator = 'self' | 'rds' | 'cloudsql' | 'azure';

/** Slots and senders that are used at once: the pipeline's, and one for the snapshot of a copy. */
const USED = 2;
const SHORT_TIMEOUT_MILLISECONDS = 10_000;

export async function checkServer(session: Session, slot: string, settings: PostgresSettings): Promise<Finding[]> {
  const values = await readValues(session);
  const operator = await operatorOf(session);
  return [
    ...checkStandby(values),
    checkWalLevel(values, operator),
    ...(await checkRoom(session, values, slot)),
    await checkReplicationRight(session, operator),
    ...checkTimeouts(values),
    ...checkKeepSize(values),
    ...checkTruncate(session.version),
    ...(await checkSlot(session, slot, settings)),
  ];
}

type Values = ReadonlyMap<string, string>;

async function readValues(session: Session): Promise<Values> {
  const rows = await session.rows(
    `SELECT name, setting FROM pg_settings WHERE name IN ('wal_level', 'max_replication_slots', 'max_wal_senders', 'wal_sender_timeout',
       'max_slot_wal_keep_size', 'idle_replication_slot_timeout')
     UNION ALL SELECT 'in_recovery', pg_is_in_recovery()::text`,
  );
  return new Map(rows.map(([name, setting]) => [name ?? '', setting ?? '']));
}

async function operatorOf(session: Session): Promise<Operator> {
  const rows = await session.rows(
    `SELECT rolname FROM pg_roles WHERE rolname IN ('rds_superuser', 'rds_replication', 'cloudsqlsuperuser', 'azure_pg_admin')`,
  );
  const names = rows.map(([name]) => name ?? '');
  if (names.some((name) => name.startsWith('rds_'))) return 'rds';
  if (names.includes('cloudsqlsuperuser')) return 'cloudsql';
  return names.includes('azure_pg_admin') ? 'azure' : 'self';
}

function checkStandby(values: Values): Finding[] {
  if (values.get('in_recovery') !== 'true') return [];
  return [error('postgres.standby', 'the server is a standby', 'Connect to the primary server: set source.host.')];
}

const WAL_LEVEL_REMEDY: Readonly<Record<Operator, string>> = {
  self: `ALTER SYSTEM SET wal_level = 'logical'; then restart the server.`,
  rds: 'Set rds.logical_replication = 1 in the parameter group of the instance (Aurora: of the cluster), then reboot it.',
  cloudsql: 'Set the flag cloudsql.logical_decoding = on, then restart the instance.',
  azure: 'Set the server parameter wal_level = logical, then restart the server.',
};

function checkWalLevel(values: Values, operator: Operator): Finding {
  const level = values.get('wal_level') ?? '';
  if (level === 'logical') return ok('postgres.wal_level', 'wal_level is logical');
  return error('postgres.wal_level', `wal_level is ${level}, not logical`, WAL_LEVEL_REMEDY[operator]);
}

async function checkRoom(session: Session, values: Values, slot: string): Promise<Finding[]> {
  const [row] = await session.rows(
    `SELECT (SELECT count(*) FROM pg_replication_slots WHERE slot_name <> $1), (SELECT count(*) FROM pg_stat_replication)`,
    [slot],
  );
  return [
    checkFree('max_replication_slots', values, Number(row?.[0]), 'replication slots'),
    checkFree('max_wal_senders', values, Number(row?.[1]), 'log senders'),
  ];
}

function checkFree(setting: string, values: Values, used: number, what: string): Finding {
  const most = Number(values.get(setting));
  const code = `postgres.${setting}`;
  if (most - used >= USED) return ok(code, `${most - used} of ${most} ${what} are free`);
  const remedy = `ALTER SYSTEM SET ${setting} = ${used + USED + 2}; then restart the server.`;
  const message = `${most - used} of ${most} ${what} are free; a pipeline needs one, and one more while it copies`;
  return most - used > 0 ? warning(code, message, remedy) : error(code, message, remedy);
}

async function checkReplicationRight(session: Session, operator: Operator): Promise<Finding> {
  const managed = operator === 'rds' ? `pg_has_role(current_user, 'rds_replication', 'MEMBER')` : 'false';
  const [row] = await session.rows(
    `SELECT current_user, rolsuper OR rolreplication OR ${managed} FROM pg_roles WHERE rolname = current_user`,
  );
  const code = 'postgres.replication_right';
  const user = row?.[0] ?? '';
  if (row?.[1] === 't') return ok(code, `${user} may replicate`);
  const remedy =
    operator === 'rds'
      ? `GRANT rds_replication TO ${identifier(user)};`
      : `ALTER ROLE ${identifier(user)} WITH REPLICATION;`;
  return error(code, `${user} may not replicate`, remedy);
}

function checkTimeouts(values: Values): Finding[] {
  const timeout = Number(values.get('wal_sender_timeout'));
  const code = 'postgres.wal_sender_timeout';
  const remedy = `ALTER SYSTEM SET wal_sender_timeout = '60s'; SELECT pg_reload_conf();`;
  if (timeout === 0)
    return [warning(code, 'wal_sender_timeout is 0: a reader that vanished keeps its slot busy', remedy)];
  if (timeout < SHORT_TIMEOUT_MILLISECONDS) {
    return [
      warning(code, `wal_sender_timeout is ${timeout} ms: a short stall of the network ends the connection`, remedy),
    ];
  }
  return [ok(code, `wal_sender_timeout is ${timeout / 1000} s`)];
}

function checkKeepSize(values: Values): Finding[] {
  const findings: Finding[] = [];
  const keep = values.get('max_slot_wal_keep_size');
  const code = 'postgres.max_slot_wal_keep_size';
  if (keep === '-1') {
    const remedy = `ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf();`;
    findings.push(
      warning(code, 'no limit: a pipeline that stands still lets the log grow until the disk is full', remedy),
    );
  } else if (keep !== undefined) {
    findings.push(ok(code, `a pipeline that falls more than ${keep} MB of log behind must copy its tables again`));
  }
  const idle = values.get('idle_replication_slot_timeout') ?? '0';
  if (idle !== '0') {
    const remedy = `ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_reload_conf();`;
    findings.push(
      warning(
        'postgres.idle_replication_slot_timeout',
        `a slot that is not read for ${idle} (s or min) is dropped`,
        remedy,
      ),
    );
  }
  return findings;
}

/** Rows that a truncate removes stay at the destination, and nothing in the log says so. */
function checkTruncate(version: number): Finding[] {
  if (version >= TRUNCATES) return [];
  return [
    warning(
      'postgres.truncate',
      'TRUNCATE is not replicated: the log of PostgreSQL 10 does not tell it',
      'Use DELETE, or run `penstock full-extract --table …` after a TRUNCATE; `penstock verify` shows what was missed. From PostgreSQL 11 on it is replicated.',
    ),
  ];
}

async function checkSlot(session: Session, name: string, settings: PostgresSettings): Promise<Finding[]> {
  const code = 'postgres.slot';
  const slot = await readSlot(session, name);
  if (slot === null) return [ok(code, `slot ${name} will be made by the full extract`)];
  const drop = `SELECT pg_drop_replication_slot(${literal(name)});`;
  if (slot.plugin !== 'pgoutput' || slot.database !== settings.database) {
    return [
      error(
        code,
        `slot ${name} is of plugin ${slot.plugin}, database ${slot.database}`,
        `Choose another name in source.slot, or: ${drop}`,
      ),
    ];
  }
  if (slot.lost !== null) {
    return [
      error(
        code,
        `slot ${name} has lost its log (${slot.lost})`,
        'Run `penstock full-extract`: all tables are copied anew.',
      ),
    ];
  }
  const { retainedBytes } = await readLogHealth(session, name);
  const kept = retainedBytes ?? 0;
  if (kept > settings.walWarnBytes) {
    return [
      warning(
        'postgres.slot_growing',
        `slot ${name} keeps back ${kept} bytes of log`,
        `Run the pipeline, or give it up: ${drop}`,
      ),
    ];
  }
  return [ok(code, `slot ${name} keeps back ${kept} bytes of log`)];
}
