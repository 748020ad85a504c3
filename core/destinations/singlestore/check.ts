import { PenstockError } from '../../errors/penstock-error.ts';
import type { DestinationSettings } from '../../pipeline/settings.ts';
import type { Finding } from '../../sources/source-connector.ts';
import type { SessionPool } from './session-pool.ts';
import type { Session } from './connection.ts';
import { qualified, quoted } from './sql-text.ts';

const PROBE_TABLE = 'penstock_check';

/** Never throws for what a finding can say. */
export async function checkDestination(
  pool: SessionPool,
  settings: DestinationSettings,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    return await pool.use(signal, async ({ session, dialect }) => [
      ok('singlestore.connection', `${dialect.name} ${dialect.version} at ${settings.host}:${settings.port}`),
      await localInfile(session, signal),
      await rights(session, settings, signal),
    ]);
  } catch (error) {
    if (!(error instanceof PenstockError)) throw error;
    return [{ code: 'singlestore.connection', severity: 'error', message: error.message, remedy: error.remedy }];
  }
}

async function localInfile(session: Session, signal: AbortSignal): Promise<Finding> {
  const place = { doing: 'reading local_infile', table: null, columns: [] };
  const [row] = await session.rows('SELECT @@GLOBAL.local_infile AS local_infile', place, signal);
  const value = row?.['local_infile'];
  if (value === '1' || value === 'ON') return ok('singlestore.local_infile', 'LOAD DATA LOCAL is allowed');
  return {
    code: 'singlestore.local_infile',
    severity: 'error',
    message: 'LOAD DATA LOCAL is switched off',
    remedy: 'SET GLOBAL local_infile = ON;',
  };
}

/** Does what a load does, with a table of its own. */
async function rights(session: Session, settings: DestinationSettings, signal: AbortSignal): Promise<Finding> {
  const database = settings.schemaForAllTables ?? settings.database;
  const table = qualified(database, PROBE_TABLE);
  const place = { doing: `trying the rights on ${database}`, table: null, columns: [] };
  const statements = [
    ...(database === settings.database ? [] : [`CREATE DATABASE IF NOT EXISTS ${quoted(database)}`]),
    `CREATE TABLE IF NOT EXISTS ${table} (id BIGINT NOT NULL PRIMARY KEY, n BIGINT NULL)`,
    `ALTER TABLE ${table} ADD COLUMN added BIGINT NULL`,
    `INSERT INTO ${table} (id, n) VALUES (1, 1) ON DUPLICATE KEY UPDATE n = VALUES(n)`,
    `DELETE FROM ${table}`,
    `DROP TABLE ${table}`,
  ];
  try {
    for (const sql of statements) await session.run(sql, place, signal);
    return ok('singlestore.rights', `tables can be made and written in ${database}`);
  } catch (error) {
    if (!(error instanceof PenstockError)) throw error;
    return {
      code: 'singlestore.rights',
      severity: 'error',
      message: error.message,
      remedy: `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON ${quoted(database)}.* TO ${quoted(settings.user)};`,
    };
  }
}

function ok(code: string, message: string): Finding {
  return { code, severity: 'ok', message, remedy: null };
}
