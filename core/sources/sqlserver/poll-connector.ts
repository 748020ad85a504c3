import { PollConnector } from '../poll-connector.ts';
import type { SourceConnector, TableSelection } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkCopies } from './check.ts';
import type { ReplicatedTable } from './describe.ts';
import { fetchRows } from './fetch-rows.ts';
import { copiesLineage, requireLineage } from './lineage.ts';
import { listTables } from './list-tables.ts';
import { openPlainSnapshot } from './open-snapshot.ts';
import { planRanges } from './plan-ranges.ts';
import { copyReading, currentMarks, requirePolled, sqlserverPolls } from './poll-view.ts';
import { describeTables } from './prepare.ts';
import { withSession, type Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { sourceMicroseconds } from './source-time.ts';
import { checksum, rowDigests } from './verify.ts';

/** Extract types Full Extracts and Timestamps. */
export function sqlserverPollConnector(access: Access, context: ConnectorContext): SourceConnector {
  const isPolled = access.settings.extractType === 'timestamps';
  const describe = (session: Session, tables: readonly TableSelection[]) => describeCopied(session, tables, access);
  return new PollConnector(
    {
      polls: isPolled ? sqlserverPolls(access) : null,
      check: (tables, signal) => checkCopies(access, tables, signal),
      listTables: (signal) => withSession(access, signal, 'list tables', listTables),
      describe: (tables, signal) =>
        withSession(access, signal, 'describe tables', (session) => describe(session, tables)),
      moment: (signal) =>
        withSession(access, signal, 'ask the time', async (session) => ({
          lineage: await copiesLineage(session),
          microseconds: await sourceMicroseconds(session),
        })),
      marks: (tables, signal) =>
        withSession(access, signal, 'prepare', async (session) => {
          const described = await describe(session, tables);
          return isPolled ? currentMarks(session, described, access) : {};
        }),
      requireLineage,
      openSnapshot: (request, signal) =>
        openPlainSnapshot(
          {
            access,
            misfits: context.misfits,
            describe: (session, tables) => describeTables(session, tables, copyReading(access)),
          },
          request,
          signal,
        ),
      checksum: (request, signal) => checksum(access, request, signal),
      rowDigests: (request, signal) => rowDigests(access, request, signal),
      fetchRows: (request, signal) => fetchRows(access, request, signal),
      planRanges: (selection, schema, bytes, signal) => planRanges(access, selection, schema, bytes, signal),
    },
    context.clock,
  );
}

/** With the polled columns judged, where there are any. */
async function describeCopied(
  session: Session,
  tables: readonly TableSelection[],
  access: Access,
): Promise<ReplicatedTable[]> {
  const described = await describeTables(session, tables, copyReading(access));
  if (access.settings.extractType === 'timestamps') await requirePolled(session, described);
  return described;
}
