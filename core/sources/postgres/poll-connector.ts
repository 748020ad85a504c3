import { PollConnector } from '../poll-connector.ts';
import type { SourceConnector, TableSelection } from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkCopies } from './check.ts';
import { checkPolls } from './check-polls.ts';
import { withSession, type Access, type Session } from './connection.ts';
import { COPY_READING, describeTables, type ReplicatedTable } from './describe.ts';
import { clusterBySql, lineageOf, requireLineage } from './lineage.ts';
import { listTables } from './list-tables.ts';
import { openPlainSnapshot } from './open-snapshot.ts';
import { pollColumnOf } from './poll-column.ts';
import { currentMarks, postgresPolls } from './poll-view.ts';
import type { PostgresSettings } from './settings.ts';
import { sourceMicroseconds } from './source-time.ts';
import { planRanges } from './plan-ranges.ts';
import { fetchRows } from './fetch-rows.ts';
import { checksum, rowDigests } from './verify.ts';

const READER = 'copies';

/** Extract types Full Extracts and Timestamps. */
export function postgresPollConnector(settings: PostgresSettings, context: ConnectorContext): SourceConnector {
  const access: Access = { settings, password: context.password };
  const isPolled = settings.extractType === 'timestamps';
  const describe = (session: Session, tables: readonly TableSelection[]) => describeCopied(session, tables, access);
  return new PollConnector(
    {
      polls: isPolled ? postgresPolls(access) : null,
      check: (tables, signal) =>
        isPolled
          ? checkCopies(access, tables, signal, (session) => checkPolls(session, tables, settings))
          : checkCopies(access, tables, signal),
      listTables: (signal) => withSession(access, signal, 'list tables', listTables),
      describe: (tables, signal) =>
        withSession(access, signal, 'describe tables', (session) => describe(session, tables)),
      moment: (signal) =>
        withSession(access, signal, 'ask the time', async (session) => ({
          lineage: lineageOf(await clusterBySql(session), READER),
          microseconds: await sourceMicroseconds(session),
        })),
      marks: (tables, signal) =>
        withSession(access, signal, 'prepare', async (session) => {
          const described = await describe(session, tables);
          return isPolled ? currentMarks(session, described, access) : {};
        }),
      requireLineage,
      openSnapshot: (_request, signal) => {
        const snapshots = { access, misfits: context.misfits, reading: COPY_READING };
        return openPlainSnapshot(snapshots, context, READER, signal);
      },
      checksum: (request, signal) => checksum(access, request, signal),
      rowDigests: (request, signal) => rowDigests(access, request, signal),
      fetchRows: (request, signal) => fetchRows(access, context.clock, request, signal),
      planRanges: (selection, schema, bytes, signal) => planRanges(access, selection, schema, bytes, signal),
    },
    context.clock,
  );
}

/** With the polled columns judged, where there are any. */
async function describeCopied(
  session: Session,
  tables: readonly TableSelection[],
  { settings }: Access,
): Promise<ReplicatedTable[]> {
  const described = await describeTables(session, tables, COPY_READING);
  if (settings.extractType === 'timestamps') for (const table of described) pollColumnOf(table, settings);
  return described;
}
