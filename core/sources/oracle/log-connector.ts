import type { Timestamp } from '../../changes/timestamp.ts';
import { NOTHING_KEPT } from '../nothing-kept.ts';
import type { SourceConnector, TableSelection } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkLogs } from './check.ts';
import { currentPosition } from './current-position.ts';
import { readLogHealth } from './log-health.ts';
import { openLogSnapshot, reopenLogSnapshot } from './open-snapshot.ts';
import { checkLogReach, describeTables, logReading, prepareLogs } from './prepare.ts';
import { withSession, type Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { openLog } from './stream.ts';
import { oracleReads } from './table-reads.ts';

const MEMORY_BYTES = 16 * 1024 * 1024;

/** The extract types that read the redo logs by LogMiner. `memoryBytes`: of open transactions together; what is more goes to disk. */
export function oracleLogConnector(
  access: Access,
  { clock, misfits, scratch, extractThreads, logfileProcessed }: ConnectorContext,
  memoryBytes = MEMORY_BYTES,
): SourceConnector {
  /** When the oldest redo that is still needed was written at the source. */
  const progress: { readAt: Timestamp | null } = { readAt: null };
  const describe = (session: Session, tables: readonly TableSelection[]) =>
    describeTables(session, tables, logReading(access));
  return {
    mode: 'log',
    ...NOTHING_KEPT,
    ...oracleReads(access, logReading(access)),
    check: (tables, signal) => checkLogs(access, tables, signal),
    describeTables: (tables, signal) =>
      withSession(access, signal, 'describe tables', async (session) =>
        (await describe(session, tables)).map(({ schema }) => schema),
      ),
    prepare: (tables, known, signal) => prepareLogs(access, clock, tables, known, signal),
    openSnapshot: (request, signal) => openLogSnapshot({ access, misfits, clock, describe }, request, signal),
    reopenSnapshot: (place, request, signal) =>
      reopenLogSnapshot({ access, misfits, clock, describe }, place, request, signal),
    openStream: (after, tables, signal) =>
      openLog(
        { access, clock, scratch, extractThreads, memoryBytes, progress, logfileProcessed },
        after,
        tables,
        signal,
      ),
    checkReach: (from, signal) => checkLogReach(access, clock, from, signal),
    currentPosition: (signal) => currentPosition(access, signal),
    logHealth: (signal) =>
      withSession({ open: access.openRoot }, signal, 'look at the redo logs', (root) =>
        readLogHealth(root, access.settings, progress.readAt),
      ),
  };
}
