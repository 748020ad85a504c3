import { error, ok, warning } from '../finding.ts';
import type { Finding } from '../source-connector.ts';
import { OLDEST_MAJOR, type Database } from './server/database.ts';
import { allowSnapshots } from './server/views.ts';
import { identifier, literal } from './sql.ts';

/** That of SQL Server 2012, from which on a database knows TRY_CONVERT. */
const LEAST_COMPATIBILITY = 110;

/** What every extract type needs of the server and the database. */
export function checkDatabase(database: Database): Finding[] {
  const findings: Finding[] = [];
  // Azure's version number never moves; it has what newer versions have.
  if (database.major < OLDEST_MAJOR && !/azure/i.test(database.edition)) {
    const message = `the server has version ${database.version}: before SQL Server 2016`;
    findings.push(error('sqlserver.version', message, 'Upgrade to SQL Server 2016 (13.0) or newer.'));
  }
  if (database.compatibilityLevel < LEAST_COMPATIBILITY) {
    const message = `database ${literal(database.name)} has compatibility level ${database.compatibilityLevel}: rows cannot be fetched by their keys, for verification, repair and retries of the quarantine`;
    const remedy = `ALTER DATABASE ${identifier(database.name)} SET COMPATIBILITY_LEVEL = ${LEAST_COMPATIBILITY};`;
    findings.push(warning('sqlserver.compatibility_level', message, remedy));
  }
  if (database.guid === null || database.fork === null) {
    const message = 'the user may not see the GUIDs of the database, by which a restored one is told';
    const remedy = `In master: GRANT VIEW ANY DATABASE TO the login of ${identifier(database.user)};`;
    findings.push(error('sqlserver.database_guid', message, remedy));
  }
  return findings;
}

/** `required`: changes and copies have no exact place without it. */
export function checkSnapshots(database: Database, isRequired: boolean): Finding[] {
  const code = 'sqlserver.snapshot_isolation';
  if (database.snapshotIsolation === 'ON') return [ok(code, 'ALLOW_SNAPSHOT_ISOLATION is on')];
  const state = database.snapshotIsolation === 'OFF' ? 'off' : 'being switched, which waits for open transactions';
  const message = `ALLOW_SNAPSHOT_ISOLATION of database ${literal(database.name)} is ${state}`;
  const remedy = allowSnapshots(database);
  return isRequired
    ? [error(code, `${message}: without it no copy and no set of changes has an exact place`, remedy)]
    : [warning(code, `${message}: rows are read while others write, and not all at one moment`, remedy)];
}

const DAY_MINUTES = 1440;
/** A weekend, and a day to notice. */
const SHORT_MINUTES = 3 * DAY_MINUTES;

/** How long changes are kept. `remedy`: the statement that keeps them longer. */
export function checkRetention(minutes: number | null, remedy: string): Finding[] {
  const code = 'sqlserver.retention';
  if (minutes === null) return [];
  const kept = minutes % DAY_MINUTES === 0 ? `${minutes / DAY_MINUTES} days` : `${minutes} minutes`;
  if (minutes >= SHORT_MINUTES) return [ok(code, `changes are kept for ${kept}`)];
  const message = `changes are kept for ${kept}: a pipeline that stands still for longer needs a full extract`;
  return [warning(code, message, remedy)];
}
