import { error, ok, warning } from '../finding.ts';
import { allRows } from '../session.ts';
import type { Finding } from '../source-connector.ts';
import { isRefused, serverErrorNumber } from './errors.ts';
import { grantPackage, grantView, type Grantee } from './server/grants.ts';
import { readArchiveReach } from './log-health.ts';
import { isOnRds, sessionUser } from './server/database.ts';
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
/** What V$LOGMNR_CONTENTS has for whoever may read it, but has not begun to mine. */
const NOT_MINING = 1306;

/** Rights on the views that tell the logs. `root`: a session where they are listed. */
export async function checkLogRights(root: Session, grantee: Grantee): Promise<Finding[]> {
  return checkViews(root, LOG_VIEWS, grantee);
}

/** Rights to mine, where the logs are mined. */
export async function checkMiningRights(mining: Session): Promise<Finding[]> {
  const user = await sessionUser(mining);
  const grantee = { user, isRds: await isOnRds(mining) };
  const findings = await checkViews(mining, MINING_VIEWS, grantee);
  const privileges = new Set((await allRows(mining, { tag: 'privileges' })).map(([privilege]) => privilege ?? ''));
  for (const privilege of ['LOGMINING', 'SELECT ANY TRANSACTION']) {
    if (privileges.has(privilege)) continue;
    const message = `the user lacks the right ${privilege}`;
    findings.push(error('oracle.rights', message, `GRANT ${privilege} TO ${identifier(user)};`));
  }
  // Without the right the package refuses everybody.
  if (privileges.has('LOGMINING') && !(await mayRunLogMiner(mining))) {
    const message = 'the user may not run DBMS_LOGMNR';
    findings.push(error('oracle.rights', message, grantPackage('DBMS_LOGMNR', grantee)));
  }
  return findings.length > 0 ? findings : [ok('oracle.rights', 'the user may read the logs')];
}

/** Extract type remoteLogMiner: the source writes its dictionary into its logs. */
export async function checkDictionaryRight(root: Session, grantee: Grantee): Promise<Finding[]> {
  try {
    await root.run({ tag: 'tryDictionary' });
    return [];
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
    const message = 'the user may not run DBMS_LOGMNR_D, which writes the dictionary into the logs';
    return [error('oracle.rights', message, grantPackage('DBMS_LOGMNR_D', grantee))];
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
  grantee: Grantee,
  found: (code: string, message: string, remedy: string) => Finding = error,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const view of views) {
    try {
      await session.run({ tag: 'tryView', view });
    } catch (cause) {
      if (serverErrorNumber(cause) === NOT_MINING) continue;
      if (!isRefused(cause)) throw cause;
      findings.push(found('oracle.rights', `the user may not read ${view}`, grantView(view, grantee)));
    }
  }
  return findings;
}

const HOUR = 3_600_000_000n;
/** A night, and a morning to notice. */
const SHORT_HOURS = 24n;
const RDS_RETENTION = 'archivelog retention hours';
const KEEP_LONGER = `BEGIN rdsadmin.rdsadmin_util.set_configuration('${RDS_RETENTION}', ${SHORT_HOURS}); END;`;

/** How long archived logs are kept: on Amazon RDS as it is set, where the user may know it, else as far back as they go now. */
export async function checkRetention(root: Session, settings: OracleSettings, isRds: boolean): Promise<Finding[]> {
  const code = 'oracle.retention';
  const set = isRds ? await hoursOfRds(root) : null;
  if (set !== null) {
    const message = `archived logs are kept for ${set} hours`;
    return [set >= SHORT_HOURS ? ok(code, message) : warning(code, `${message}: ${STOP}`, KEEP_LONGER)];
  }
  const reach = await readArchiveReach(root, settings);
  if (reach === null) {
    const message = 'no archived logs are there';
    return [warning(code, message, 'ALTER SYSTEM ARCHIVE LOG CURRENT; and look at V$ARCHIVE_DEST_STATUS.')];
  }
  const hours = (reach.now - reach.oldest) / HOUR;
  const message = `archived logs reach back ${hours} hours (${sizeText(reach.bytesOfDay)} in the last 24 hours)`;
  if (hours >= SHORT_HOURS) return [ok(code, message)];
  const remedy =
    'Let RMAN keep them for as long as a pipeline may stand still: CONFIGURE ARCHIVELOG DELETION POLICY, or a longer recovery window.';
  return [warning(code, `${message}: ${STOP}`, isRds ? KEEP_LONGER : remedy)];
}

const STOP = 'a pipeline that stands still for longer needs a full extract';

/** Null: the user may not know it. */
async function hoursOfRds(root: Session): Promise<bigint | null> {
  try {
    const values = new Map((await allRows(root, { tag: 'rdsSettings' })).map(([name, value]) => [name ?? '', value]));
    return BigInt(values.get(RDS_RETENTION) ?? '0');
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
    return null;
  }
}

const MEGABYTE = 1_000_000n;
const GIGABYTE = 1_000_000_000n;

function sizeText(bytes: bigint): string {
  return bytes < GIGABYTE ? `${bytes / MEGABYTE} MB` : `${bytes / GIGABYTE} GB`;
}
