import { error, ok, warning } from '../finding.ts';
import { allRows } from '../session.ts';
import type { Finding } from '../source-connector.ts';
import { isRefused, serverErrorNumber } from './errors.ts';
import { readArchiveReach } from './log-health.ts';
import type { Database } from './server/database.ts';
import type { Session } from './server/session.ts';
import type { OracleSettings } from './settings.ts';
import { identifier } from './sql.ts';
import type { ServerView } from './statements/server.ts';

/** Read where the logs are listed. */
const LOG_VIEWS: readonly ServerView[] = [
  'V$LOG',
  'V$LOGFILE',
  'V$ARCHIVED_LOG',
  'V$ARCHIVE_DEST_STATUS',
  'V$THREAD',
  'GV$TRANSACTION',
];
/** Read where they are mined. */
const MINING_VIEWS: readonly ServerView[] = ['V$LOGMNR_CONTENTS', 'V$LOGMNR_LOGS'];
const NOTHING_STARTED = 1307;

/** Rights on the views that tell the logs. `root`: a session where they are listed. */
export async function checkLogRights(root: Session, database: Database): Promise<Finding[]> {
  return checkViews(root, LOG_VIEWS, database.user);
}

/** Rights to mine, where the logs are mined. */
export async function checkMiningRights(mining: Session, user: string): Promise<Finding[]> {
  const findings = await checkViews(mining, MINING_VIEWS, user);
  const privileges = new Set((await allRows(mining, { tag: 'privileges' })).map(([privilege]) => privilege ?? ''));
  for (const privilege of ['LOGMINING', 'SELECT ANY TRANSACTION']) {
    if (privileges.has(privilege)) continue;
    const message = `the user lacks the right ${privilege}`;
    findings.push(error('oracle.rights', message, `GRANT ${privilege} TO ${identifier(user)};`));
  }
  // Without the right the package refuses everybody.
  if (privileges.has('LOGMINING') && !(await mayRunLogMiner(mining))) {
    const message = 'the user may not run DBMS_LOGMNR';
    findings.push(error('oracle.rights', message, `GRANT EXECUTE ON SYS.DBMS_LOGMNR TO ${identifier(user)};`));
  }
  return findings.length > 0 ? findings : [ok('oracle.rights', 'the user may read the logs')];
}

/** Extract type remoteLogMiner: the source writes its dictionary into its logs. */
export async function checkDictionaryRight(root: Session, user: string): Promise<Finding[]> {
  try {
    await root.run({ tag: 'tryDictionary' });
    return [];
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
    const message = 'the user may not run DBMS_LOGMNR_D, which writes the dictionary into the logs';
    return [error('oracle.rights', message, `GRANT EXECUTE ON SYS.DBMS_LOGMNR_D TO ${identifier(user)};`)];
  }
}

/** To end what was not begun is refused by the package itself, to whom may run it. */
async function mayRunLogMiner(mining: Session): Promise<boolean> {
  try {
    await mining.run({ tag: 'endMining' });
    return true;
  } catch (cause) {
    if (serverErrorNumber(cause) === NOTHING_STARTED) return true;
    if (isRefused(cause)) return false;
    throw cause;
  }
}

/** A finding for each view that the user may not read. */
export async function checkViews(
  session: Session,
  views: readonly ServerView[],
  user: string,
  found: (code: string, message: string, remedy: string) => Finding = error,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const view of views) {
    try {
      await session.run({ tag: 'tryView', view });
    } catch (cause) {
      if (!isRefused(cause)) throw cause;
      findings.push(found('oracle.rights', `the user may not read ${view}`, grantView(view, user)));
    }
  }
  return findings;
}

/** V$ names are synonyms, which take no grants. */
export function grantView(view: ServerView, user: string): string {
  return `GRANT SELECT ON SYS.${view.replace('V$', 'V_$')} TO ${identifier(user)};`;
}

const HOUR = 3_600_000_000n;
/** A night, and a morning to notice. */
const SHORT_HOURS = 24n;
const RDS_RETENTION = 'archivelog retention hours';
const KEEP_LONGER = `BEGIN rdsadmin.rdsadmin_util.set_configuration('${RDS_RETENTION}', ${SHORT_HOURS}); END;`;

/** How long archived logs are kept: on Amazon RDS as it is set, else as far back as they go now. */
export async function checkRetention(root: Session, settings: OracleSettings, isRds: boolean): Promise<Finding[]> {
  const code = 'oracle.retention';
  const stop = 'a pipeline that stands still for longer needs a full extract';
  if (isRds) {
    const values = new Map((await allRows(root, { tag: 'rdsSettings' })).map(([name, value]) => [name ?? '', value]));
    const hours = BigInt(values.get(RDS_RETENTION) ?? '0');
    const message = `archived logs are kept for ${hours} hours`;
    if (hours >= SHORT_HOURS) return [ok(code, message)];
    return [warning(code, `${message}: ${stop}`, KEEP_LONGER)];
  }
  const reach = await readArchiveReach(root, settings);
  if (reach === null) {
    const message = 'no archived logs are there';
    return [warning(code, message, 'ALTER SYSTEM ARCHIVE LOG CURRENT; and look at V$ARCHIVE_DEST_STATUS.')];
  }
  const hours = (reach.now - reach.oldest) / HOUR;
  const message = `archived logs reach back ${hours} hours`;
  if (hours >= SHORT_HOURS) return [ok(code, message)];
  const remedy =
    'Let RMAN keep them for as long as a pipeline may stand still: CONFIGURE ARCHIVELOG DELETION POLICY, or a longer recovery window.';
  return [warning(code, `${message}: ${stop}`, remedy)];
}
