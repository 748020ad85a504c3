import { pollConnector } from '../poll-connector.ts';
import type { SourceConnector } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkCopies } from './check.ts';
import { checkPolls } from './check-polls.ts';
import { withSession, type Access } from './connection.ts';
import { copiesLineage, requireLineage } from './lineage.ts';
import { openPlainSnapshot } from './open-snapshot.ts';
import { copyReading, mysqlPolls } from './poll-view.ts';
import { describeTables } from './prepare.ts';
import type { MysqlSettings } from './settings.ts';
import { sourceMicroseconds } from './source-time.ts';
import { mysqlReads } from './table-reads.ts';

/** Extract types Full Extracts and Timestamps. */
export function mysqlPollConnector(
  settings: MysqlSettings,
  { password, misfits, clock }: ConnectorContext,
): SourceConnector {
  const access: Access = { settings, password };
  const polls = settings.extractType === 'timestamps' ? mysqlPolls(access) : null;
  const reading = () => copyReading(access);
  return pollConnector(
    {
      polls,
      reads: mysqlReads(access, clock),
      withSession: (signal, doing, work) => withSession(access, signal, doing, work),
      check: (tables, signal) =>
        polls === null
          ? checkCopies(access, tables, signal)
          : checkCopies(access, tables, signal, (session) => checkPolls(session, tables, access)),
      describe: (session, tables) => describeTables(session, tables, reading()),
      lineage: copiesLineage,
      microseconds: sourceMicroseconds,
      requireLineage,
      openSnapshot: (request, signal) => openPlainSnapshot({ access, misfits, reading }, request, signal),
    },
    clock,
  );
}
