import { checkReached, checkTls } from '../check-connection.ts';
import { checkServerClock } from '../check-server-clock.ts';
import { ok, warning } from '../finding.ts';
import { allRows } from '../session.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { checkContainerSeen } from './server/check-containers.ts';
import { checkDictionaryRight, checkLogRights, checkMiningRights, checkRetention, checkViews } from './check-log.ts';
import { checkPolls } from './check-polls.ts';
import { checkKind, checkLogging, checkMiningRelease } from './check-server.ts';
import { checkTables } from './check-tables.ts';
import { describeServer } from './connection.ts';
import { sourceError } from './errors.ts';
import type { Grantee } from './server/grants.ts';
import { hasIncarnations } from './lineage.ts';
import { copyReading } from './poll-view.ts';
import {
  isInPluggable,
  isOnRds,
  readDatabase,
  readRelease,
  ROOT_NAME,
  type Database,
  type Release,
} from './server/database.ts';
import { guarded, withSession, type Access } from './server/guarded.ts';
import { checkInDoubt } from './server/in-doubt.ts';
import type { Session, SessionOpener } from './server/session.ts';
import { readClock } from './source-time.ts';

const MINING = 'oracle.mining_database';

/** Everything that reading the redo logs of these tables needs; each fault with the statement that mends it. */
export async function checkLogs(
  access: Access,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const { settings } = access;
  const { rootDatabase, miningDatabase } = settings;
  const reading = { fromLogs: true, policies: settings };
  const seen: Pick<Checked, 'database' | 'release'>[] = [];
  const ofTables = await checking(access, signal, async ({ session, database, release, grantee }) => {
    seen.push({ database, release });
    return [
      ...checkKind(settings, database, release),
      ...(await checkViews(session, ['DBA_2PC_PENDING'], grantee)),
      ...(await checkInDoubt(session)),
      ...(rootDatabase === null ? await checkRoot(session, access) : []),
      ...(rootDatabase === null && miningDatabase === null ? await checkMiningRights(session) : []),
      ...(await checkTables(session, tables, reading, database)),
    ];
  });
  const [found] = seen;
  // What cannot be reached is told alone: the others are on the same server, as likely as not.
  if (found === undefined) return ofTables;
  const ofRoot =
    rootDatabase === null
      ? []
      : await beside('oracle.root_database', access.openRoot, describeServer(rootDatabase), signal, async (root) => [
          ...(await checkRoot(root, access)),
          ...(await checkContainerSeen(root, found.database)),
          ...(miningDatabase === null ? await checkMiningRights(root) : []),
        ]);
  const ofMining =
    miningDatabase === null
      ? []
      : await beside(MINING, access.openMining, describeServer(miningDatabase), signal, async (mining) => [
          ...checkMiningRelease(MINING, found.release, await readRelease(mining)),
          ...(await checkMiningRights(mining)),
        ]);
  return [...ofTables, ...ofRoot.map(mendedInRoot), ...ofMining];
}

/** The same for sources that are only copied and polled. */
export function checkCopies(
  access: Access,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<Finding[]> {
  return checking(access, signal, async ({ session, database }) => [
    ...(await checkTables(session, tables, copyReading(access), database)),
    ...(access.settings.extractType === 'timestamps' ? await checkPolls(session, tables, access) : []),
  ]);
}

/** What is asked where the logs are listed. */
async function checkRoot(root: Session, { settings }: Access): Promise<Finding[]> {
  const database = await readDatabase(root);
  const isRds = await isOnRds(root);
  const grantee = { user: database.user, isRds };
  const rights = await checkLogRights(root, grantee);
  return [
    ...checkLogging(database, isRds),
    ...rights,
    ...(settings.extractType === 'remoteLogMiner' ? await checkDictionaryRight(root, grantee) : []),
    ...(await checkClock(root, settings)),
    // What cannot be read says nothing of how long it is kept.
    ...(rights.length === 0 ? await checkRetention(root, settings, isRds) : []),
  ];
}

async function checkClock(root: Session, { serverTimeZone }: Access['settings']): Promise<Finding[]> {
  const { now, offset } = await readClock(root);
  const [scheduler] = await allRows(root, { tag: 'schedulerZone' });
  const zones = { zone: serverTimeZone, told: scheduler?.[0] ?? null };
  return checkServerClock('oracle.server_time_zone', { at: now, offset }, zones);
}

/** The database of the tables, as it was found. */
interface Checked {
  readonly session: Session;
  readonly database: Database;
  readonly release: Release;
  readonly grantee: Grantee;
}

/** A server that cannot be reached is a finding, and the only one. */
async function checking(
  access: Access,
  signal: AbortSignal,
  check: (checked: Checked) => Promise<Finding[]>,
): Promise<Finding[]> {
  const { settings } = access;
  const server = describeServer(settings);
  return checkReached(
    'oracle',
    signal,
    async () => {
      await using session = await access.open(signal);
      return await guarded(session, signal, 'check', async () => {
        const database = await readDatabase(session);
        const release = await readRelease(session);
        const grantee = { user: database.user, isRds: await isOnRds(session) };
        return [
          ok('oracle.connection', `${server}: Oracle Database ${release.text}, ${database.name}`),
          ...checkTls('oracle', settings),
          ...checkNames(settings),
          ...(await checkViews(session, ['DBA_OBJECTS', 'DBA_EXTENTS'], grantee, warning)),
          ...(await checkIncarnations(session, { database, release, grantee })),
          ...(await check({ session, database, release, grantee })),
        ];
      });
    },
    (cause) => sourceError(cause, `check ${server}`),
  );
}

/** By them a pluggable database is told that was set back to an earlier time. */
async function checkIncarnations(
  session: Session,
  { database, release, grantee }: { readonly database: Database; readonly release: Release; readonly grantee: Grantee },
): Promise<Finding[]> {
  if (!isInPluggable(database) || !hasIncarnations(release)) return [];
  return checkViews(session, ['V$PDB_INCARNATION'], grantee);
}

/** Whoever mends it is logged in to the pluggable database, as likely as not. */
function mendedInRoot(finding: Finding): Finding {
  const { remedy } = finding;
  if (remedy === null || !/^(?:GRANT|ALTER|SHUTDOWN) /.test(remedy)) return finding;
  return { ...finding, remedy: `ALTER SESSION SET CONTAINER = ${ROOT_NAME}; ${remedy}` };
}

/** Another database that the settings name. That it cannot be reached is a finding too. */
async function beside(
  code: string,
  open: SessionOpener,
  server: string,
  signal: AbortSignal,
  check: (session: Session) => Promise<Finding[]>,
): Promise<Finding[]> {
  const findings = await checkReached(
    'oracle',
    signal,
    () => withSession({ open }, signal, 'check', async (session) => [ok(code, server), ...(await check(session))]),
    (cause) => sourceError(cause, `check ${server}`),
  );
  return findings.map((finding) =>
    finding.code === 'oracle.connection' || finding.code === 'oracle.login' ? { ...finding, code } : finding,
  );
}

function checkNames({ options, tls }: Access['settings']): Finding[] {
  if (tls.mode === 'off' || options.sslServerDNMatch !== false) return [];
  const message =
    "the name in the server's certificate is not looked at: any server of the same authority gets the password";
  return [warning('oracle.certificate', message, 'Drop options.sslServerDNMatch, or give options.sslServerCertDN.')];
}
