import { pollConnector } from '../poll-connector.ts';
import type { SourceConnector } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkCopies } from './check.ts';
import { checkPolls } from './check-polls.ts';
import { withSession, type Access } from './connection.ts';
import { COPY_READING, describeTables } from './describe.ts';
import { clusterBySql, lineageOf, requireLineage } from './lineage.ts';
import { openPlainSnapshot } from './open-snapshot.ts';
import { postgresPolls } from './poll-view.ts';
import type { PostgresSettings } from './settings.ts';
import { sourceMicroseconds } from './source-time.ts';
import { postgresReads } from './table-reads.ts';

const READER = 'copies';

/** Extract types Full Extracts and Timestamps. */
export function postgresPollConnector(settings: PostgresSettings, context: ConnectorContext): SourceConnector {
  const { password, misfits, clock } = context;
  const access: Access = { settings, password };
  const polls = settings.extractType === 'timestamps' ? postgresPolls(access) : null;
  return pollConnector(
    {
      polls,
      reads: postgresReads(access, clock),
      withSession: (signal, doing, work) => withSession(access, signal, doing, work),
      check: (tables, signal) =>
        polls === null
          ? checkCopies(access, tables, signal)
          : checkCopies(access, tables, signal, (session) => checkPolls(session, tables, settings)),
      describe: (session, tables) => describeTables(session, tables, COPY_READING),
      lineage: async (session) => lineageOf(await clusterBySql(session), READER),
      microseconds: sourceMicroseconds,
      requireLineage,
      openSnapshot: (_, signal) =>
        openPlainSnapshot({ access, misfits, reading: COPY_READING }, context, READER, signal),
    },
    clock,
  );
}
