import { checkReached, checkTls } from '../check-connection.ts';
import { ok } from '../finding.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { checkLogFiles } from './check-log.ts';
import { checkDigest } from './server/check-digest.ts';
import { checkServer, isLogOn } from './check-server.ts';
import { checkSnapshotRights } from './server/check-snapshot.ts';
import { checkTables } from './check-tables.ts';
import { describeServer, guarded, openSession, type Access, type Session } from './connection.ts';
import { sourceError } from './errors.ts';
import { logReading } from './prepare.ts';
import { readServerSettings } from './server/server-settings.ts';

/** Everything that reading the log of these tables needs; each fault with the statement, or the line of my.cnf, that mends it. */
export async function checkLog(
  access: Access,
  serverId: number,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<Finding[]> {
  return checking(access, signal, async (session) => {
    const server = await readServerSettings(session);
    const checked = await checkTables(session, tables, logReading(session, access));
    const findings = checkServer(server, serverId, checked.tables);
    if (isLogOn(server)) {
      findings.push(...(await checkLogFiles(session, { access, server, serverId, tables, signal })));
    }
    return [...findings, ...(await checkSnapshotRights(session, server, tables)), ...checked.findings];
  });
}

/** The same for sources that are only copied and polled. */
export async function checkCopies(
  access: Access,
  tables: readonly TableSelection[],
  signal: AbortSignal,
  more: (session: Session) => Promise<readonly Finding[]> = () => Promise.resolve([]),
): Promise<Finding[]> {
  return checking(access, signal, async (session) => {
    const reading = { fromLog: false, virtualColumns: true, policies: access.settings };
    const { findings } = await checkTables(session, tables, reading);
    return [...findings, ...(await more(session))];
  });
}

/** A server that cannot be reached is a finding, and the only one. */
async function checking(
  access: Access,
  signal: AbortSignal,
  check: (session: Session) => Promise<Finding[]>,
): Promise<Finding[]> {
  return checkReached(
    'mysql',
    signal,
    async () => {
      await using session = await openSession(access, signal);
      const product = session.isMariaDb ? 'MariaDB' : 'MySQL';
      const login = ok(
        'mysql.connection',
        `${describeServer(access.settings)}: ${product} ${versionText(session.version)}`,
      );
      const digest = await guarded(session, signal, 'check', () => checkDigest(session));
      const found = await guarded(session, signal, 'check', () => check(session));
      return [login, ...checkTls('mysql', access.settings), digest, ...found];
    },
    (cause) => sourceError(cause, `check ${describeServer(access.settings)}`),
  );
}

function versionText(version: number): string {
  return `${Math.floor(version / 10_000)}.${Math.floor(version / 100) % 100}.${version % 100}`;
}
