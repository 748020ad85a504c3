import { checkReached, checkTls } from '../check-connection.ts';
import { checkServerClock } from '../check-server-clock.ts';
import { ok, warning } from '../finding.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { checkCaptured, checkTracked } from './check-log.ts';
import { checkPolls } from './check-polls.ts';
import { checkDatabase, checkSnapshots } from './check-server.ts';
import { checkTables } from './check-tables.ts';
import { describeServer } from './connection.ts';
import { sourceError } from './errors.ts';
import { copyReading } from './poll-view.ts';
import { changeReading } from './prepare.ts';
import { readDatabase, type Database } from './server/database.ts';
import { guarded, type Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { readClock } from './source-time.ts';

/** Everything that change tracking of these tables needs; each fault with the statement that mends it. */
export function checkTracking(
  access: Access,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<Finding[]> {
  return checking(access, signal, async (session, database) => [
    ...checkSnapshots(database, access.settings.snapshotIsolation === 'require'),
    ...(await checkTracked(session, database, tables)),
    ...(await checkTables(session, tables, changeReading(access), database.user)),
  ]);
}

/** The same for change data capture. */
export function checkCapture(
  access: Access,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<Finding[]> {
  return checking(access, signal, async (session, database) => [
    ...checkSnapshots(database, true),
    ...(await checkCaptured(session, database, tables)),
    ...checkServerClock('sqlserver.server_time_zone', await readClock(session), {
      zone: access.settings.serverTimeZone,
      told: null,
    }),
    ...(await checkTables(session, tables, changeReading(access), database.user)),
  ]);
}

/** The same for sources that are only copied and polled. */
export function checkCopies(
  access: Access,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<Finding[]> {
  return checking(access, signal, async (session, database) => [
    ...checkSnapshots(database, false),
    ...(await checkTables(session, tables, copyReading(access), database.user)),
    ...(access.settings.extractType === 'timestamps' ? await checkPolls(session, tables, access, database) : []),
  ]);
}

/** A server that cannot be reached is a finding, and the only one. */
async function checking(
  access: Access,
  signal: AbortSignal,
  check: (session: Session, database: Database) => Promise<Finding[]>,
): Promise<Finding[]> {
  const { settings } = access;
  const server = describeServer(settings);
  return checkReached(
    'sqlserver',
    signal,
    async () => {
      await using session = await access.open(signal);
      return await guarded(session, signal, 'check', async () => {
        const database = await readDatabase(session);
        return [
          ok('sqlserver.connection', `${server}: SQL Server ${database.version}, ${database.edition}`),
          ...checkTls('sqlserver', settings),
          ...checkCertificate(settings),
          ...checkDatabase(database),
          ...(await check(session, database)),
        ];
      });
    },
    (cause) => sourceError(cause, `check ${server}`),
  );
}

function checkCertificate({ options, tls }: Access['settings']): Finding[] {
  if (tls.mode === 'off' || options.trustServerCertificate !== true) return [];
  const message = 'the certificate of the server is not looked at: whoever answers for it gets the password';
  return [
    warning('sqlserver.certificate', message, 'Set source.tls.ca to the authority, and drop trustServerCertificate.'),
  ];
}
