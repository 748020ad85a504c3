import { pollConnector } from '../poll-connector.ts';
import type { SourceConnector, TableSelection } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkCopies } from './check.ts';
import { copiesLineage, requireLineage } from './lineage.ts';
import { openPlainSnapshot } from './open-snapshot.ts';
import { copyReading, oraclePolls } from './poll-view.ts';
import { describeTables } from './prepare.ts';
import { withSession, type Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { sourceMicroseconds } from './source-time.ts';
import { oracleReads } from './table-reads.ts';

/** Extract types Full Extracts and Timestamps. */
export function oraclePollConnector(
  access: Access,
  { misfits, clock }: Pick<ConnectorContext, 'misfits' | 'clock'>,
): SourceConnector {
  const describe = (session: Session, tables: readonly TableSelection[]) =>
    describeTables(session, tables, copyReading(access));
  return pollConnector(
    {
      polls: access.settings.extractType === 'timestamps' ? oraclePolls(access) : null,
      reads: oracleReads(access, copyReading(access)),
      withSession: (signal, doing, work) => withSession(access, signal, doing, work),
      check: (tables, signal) => checkCopies(access, tables, signal),
      describe,
      lineage: copiesLineage,
      microseconds: sourceMicroseconds,
      requireLineage,
      openSnapshot: (request, signal) => openPlainSnapshot({ access, misfits, clock, describe }, request, signal),
    },
    clock,
  );
}
