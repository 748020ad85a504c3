import { checkReached, checkTls } from '../check-connection.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { checkPublication } from './check-log.ts';
import { checkServer } from './check-server.ts';
import { checkTables } from './check-tables.ts';
import { describeServer, openSession, type Access, type Session } from './connection.ts';
import { sourceError } from './errors.ts';
import { error, ok, warning } from '../finding.ts';
import type { LogNames } from './prepare.ts';

/** Everything that reading the log of these tables needs; each fault with the statement that mends it. */
export async function checkLog(
  access: Access,
  names: LogNames,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<Finding[]> {
  return checking(access, signal, async (session) => {
    const findings = await checkServer(session, names.slot, access.settings);
    findings.push(await checkReplicationLogin(access, signal));
    const checked = await checkTables(session, tables, { fromLog: true, publication: names.publication });
    findings.push(...checked.findings, ...(await checkPublication(session, names.publication, tables, checked.tables)));
    return findings;
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
    const { findings } = await checkTables(session, tables, { fromLog: false, publication: null });
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
    'postgres',
    signal,
    async () => {
      await using session = await openSession(access, signal);
      const login = ok(
        'postgres.connection',
        `${describeServer(access.settings)}: version ${versionText(session.version)}`,
      );
      return [login, ...checkTls('postgres', access.settings), ...checkEncoding(session), ...(await check(session))];
    },
    (cause) => sourceError(cause, `check ${describeServer(access.settings)}`),
  );
}

function versionText(version: number): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`;
}

function checkEncoding(session: Session): Finding[] {
  if (session.encoding !== 'SQL_ASCII') return [];
  return [
    warning(
      'postgres.encoding',
      'the database has encoding SQL_ASCII: the server does not know what its bytes mean, and bytes that are no UTF-8 cannot be loaded',
      'Move the data to a database with encoding UTF8.',
    ),
  ];
}

/** A replication connection may be refused by pg_hba.conf though a plain one is not. */
async function checkReplicationLogin(access: Access, signal: AbortSignal): Promise<Finding> {
  try {
    const session = await openSession(access, signal, 'replication');
    await session[Symbol.asyncDispose]();
    return ok('postgres.replication_login', 'a replication connection can be opened');
  } catch (cause) {
    signal.throwIfAborted();
    const failure = sourceError(cause, 'open a replication connection');
    const remedy = `ALTER ROLE the user WITH REPLICATION, and let pg_hba.conf accept it for database ${access.settings.database}.`;
    return error('postgres.replication_login', failure.message, remedy);
  }
}
