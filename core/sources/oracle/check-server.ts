import { error, ok, warning } from '../finding.ts';
import type { Finding } from '../source-connector.ts';
import { isInPluggable, type Database, type Release } from './server/database.ts';
import type { OracleSettings } from './settings.ts';

/** The first major release that has CONTINUOUS_MINE no more, and of which a pluggable database can mine by itself (from its tenth update on). */
const LATER = 19;
const OWN_MINING_UPDATE = 10;

/** What reading the redo logs needs of the database. `database`: as the root tells it, where there is one. */
export function checkLogging(database: Database, isRds: boolean): Finding[] {
  return [
    ...checkArchiveLog(database, isRds),
    ...checkSupplemental(database, isRds),
    ...checkForced(database, isRds),
    ...checkRole(database),
  ];
}

export function checkArchiveLog({ logMode }: Database, isRds: boolean): Finding[] {
  const code = 'oracle.archivelog';
  if (logMode === 'ARCHIVELOG') return [ok(code, 'the database is in ARCHIVELOG mode')];
  const remedy = isRds
    ? 'Give the instance a backup retention period of a day at least.'
    : 'SHUTDOWN IMMEDIATE; STARTUP MOUNT; ALTER DATABASE ARCHIVELOG; ALTER DATABASE OPEN;';
  return [error(code, `the database is in ${logMode} mode: its logs are written over`, remedy)];
}

/** The statement that adds supplemental logging to the whole database. */
function addSupplemental(isRds: boolean): string {
  return isRds
    ? "BEGIN rdsadmin.rdsadmin_util.alter_supplemental_logging('ADD'); END;"
    : 'ALTER DATABASE ADD SUPPLEMENTAL LOG DATA;';
}

/** Whatever implies it does, too. */
export function isSupplemented({ supplemental }: Database): boolean {
  return supplemental.minimal !== 'NO';
}

export function checkSupplemental(database: Database, isRds: boolean): Finding[] {
  const code = 'oracle.supplemental_logging';
  if (isSupplemented(database)) return [ok(code, 'the database has supplemental logging')];
  const message = 'the database has no supplemental logging: LogMiner cannot tell which rows were changed';
  return [error(code, message, addSupplemental(isRds))];
}

function checkForced({ isLoggingForced }: Database, isRds: boolean): Finding[] {
  if (isLoggingForced) return [];
  const message = 'direct loads into tables and tablespaces with NOLOGGING are not in the logs, and would be lost';
  const remedy = isRds
    ? 'BEGIN rdsadmin.rdsadmin_util.force_logging(p_enable => true); END;'
    : 'ALTER DATABASE FORCE LOGGING;';
  return [warning('oracle.force_logging', message, remedy)];
}

export function checkRole({ role, openMode }: Database): Finding[] {
  if (role === 'PRIMARY') return [];
  const message = `the database is a ${role} (${openMode}): LogMiner reads the online catalog of a primary`;
  return [error('oracle.role', message, 'Give the address of the primary, or a service that follows it.')];
}

/** Whether the type of the source goes with the release and with the container that the tables are in. */
export function checkKind(settings: OracleSettings, database: Database, release: Release): Finding[] {
  const { type, isPluggable, extractType } = settings;
  const is19c = type === 'oracle19c' || type === 'oracle19cPluggable';
  if (is19c && release.major < LATER) {
    const message = `the server has release ${release.text}: before 19c`;
    return [error('oracle.release', message, `Use source type ${isPluggable ? 'oraclePluggable' : 'oracle'}.`)];
  }
  const isIn = isInPluggable(database);
  if (isPluggable && !isIn) {
    const name = database.container?.name ?? database.name;
    const message = `${name} is no pluggable database`;
    return [
      error('oracle.container', message, 'Use the source type without (Pluggable Database), or its service name.'),
    ];
  }
  if (isPluggable || !isIn) return [];
  const minesItself = release.major > LATER || (release.major === LATER && release.update >= OWN_MINING_UPDATE);
  if (extractType === 'continuousLogMiner' && minesItself) return [];
  const message = `${database.container?.name ?? ''} is a pluggable database, whose logs are those of its container database`;
  const remedy = 'Use a source type with (Pluggable Database), and give source.rootDatabase.';
  return [error('oracle.container', message, remedy)];
}

/** LogMiner reads logs of its own release and of older ones. */
export function checkMiningRelease(code: string, source: Release, mining: Release): Finding[] {
  const isOlder =
    mining.major < source.major || (mining.major === source.major && source.major < LATER && mining.text < source.text);
  if (!isOlder) return [];
  const message = `the mining database has release ${mining.text}, the source ${source.text}: LogMiner reads no logs of a later release`;
  return [error(code, message, 'Mine with a database of the same or a later release.')];
}
