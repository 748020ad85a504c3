import type { Timestamp } from '../../changes/timestamp.ts';
import { NO_SNAPSHOT_KEPT, NOTHING_KEPT } from '../nothing-kept.ts';
import type { SourceConnector } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkLog } from './check.ts';
import { withSession, type Access, type Session } from './connection.ts';
import { currentLogPosition } from './current-position.ts';
import { readLogHealth } from './log-health.ts';
import { openLogSnapshot } from './open-snapshot.ts';
import { describeTables, logReading, prepareLog } from './prepare.ts';
import { serverIdOf, type MysqlSettings } from './settings.ts';
import { openLog } from './stream.ts';
import { mysqlReads } from './table-reads.ts';

/** Extract type Logs: the binlog is read as a replica reads it. */
export function mysqlLogConnector(
  settings: MysqlSettings,
  { clock, misfits, password, pipeline }: ConnectorContext,
): SourceConnector {
  const access: Access = { settings, password };
  const serverId = serverIdOf(settings, pipeline);
  /** When the last position that was given out or acknowledged was written at the source. */
  const progress: { readAt: Timestamp | null } = { readAt: null };
  const reading = (session: Session) => logReading(session, access);
  return {
    mode: 'log',
    ...NOTHING_KEPT,
    ...NO_SNAPSHOT_KEPT,
    ...mysqlReads(access, clock),
    check: (tables, signal) => checkLog(access, serverId, tables, signal),
    describeTables: (tables, signal) =>
      withSession(access, signal, 'describe tables', async (session) =>
        (await describeTables(session, tables, reading(session))).map(({ schema }) => schema),
      ),
    prepare: (tables, known, signal) => prepareLog(access, tables, known, serverId, signal),
    openSnapshot: (request, signal) => openLogSnapshot({ access, misfits, reading }, request, signal),
    openStream: (after, tables, signal) => openLog({ access, serverId, clock, progress }, after, tables, signal),
    checkReach: async (from, signal) => {
      await prepareLog(access, [], from, serverId, signal);
    },
    currentPosition: (signal) => currentLogPosition(access, signal),
    logHealth: (signal) =>
      withSession(access, signal, 'look at the log', (session) => readLogHealth(session, progress.readAt)),
  };
}
