import { tableId } from '../../changes/table-name.ts';
import type { PolledSource } from '../poll-connector.ts';
import type { PollMarks } from '../poll-position.ts';
import { greatestMarks, markedRows, viewIn, type PolledTable, type PollView } from '../poll-stream.ts';
import { oneRow } from '../session.ts';
import type { TableSelection } from '../source-connector.ts';
import { outputsOf, type Reading, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { pollColumnOf, pollConditions } from './poll-column.ts';
import { describeTables } from './prepare.ts';
import { guarded, type Access } from './server/guarded.ts';
import { currentScn } from './server/hand-off.ts';
import type { Session } from './server/session.ts';
import { sourceMicroseconds } from './source-time.ts';

/** How tables are read whose changes are read nowhere. */
export function copyReading({ settings }: Access): Reading {
  return { fromLogs: false, policies: settings };
}

/** Polls all tables at one SCN each time. */
export function oraclePolls(access: Access): PolledSource<Session, ReplicatedTable> {
  return {
    pollSeconds: access.settings.pollSeconds,
    openView: (tables, signal) => openPollView(access, tables, signal),
    judge: (_, tables) => {
      tables.forEach(pollColumnOf);
    },
    marks: (session, tables) => currentMarks(session, tables, access),
  };
}

const DOING = 'poll';

async function openPollView(access: Access, tables: readonly TableSelection[], signal: AbortSignal): Promise<PollView> {
  const session = await access.open(signal);
  return viewIn(session, signal, () =>
    guarded(session, signal, DOING, async () => {
      // Rows are given out up to the lag before this time, and what was committed until then is surely in the view.
      const before = await sourceMicroseconds(session);
      const described = await describeTables(session, tables, copyReading(access));
      const scn = await currentScn(session);
      const microseconds = await sourceMicroseconds(session);
      const polled = described.map((table) => polledTable(session, access, table, { before, scn }, signal));
      return { microseconds, tables: polled };
    }),
  );
}

function polledTable(
  session: Session,
  access: Access,
  table: ReplicatedTable,
  { before, scn }: { readonly before: bigint; readonly scn: string },
  signal: AbortSignal,
): PolledTable {
  const polled = pollColumnOf(table);
  const rowsAbove = (mark: string | null) =>
    session.read({
      tag: 'rows',
      table: table.schema.table,
      asOf: scn,
      columns: [polled.column, ...outputsOf(table)],
      conditions: pollConditions(polled, mark, before, access.settings),
      orderBy: polled.column,
    });
  const failure = (error: unknown) => sourceError(error, DOING, tableId(table.schema.table));
  return { table, readRows: (mark) => markedRows(() => rowsAbove(mark), signal, failure) };
}

/** The marks of tables as they are now, for the first poll. */
async function currentMarks(
  session: Session,
  tables: readonly ReplicatedTable[],
  { settings }: Access,
): Promise<PollMarks> {
  const now = await sourceMicroseconds(session);
  return greatestMarks(tables, async (table) => {
    const polled = pollColumnOf(table);
    const conditions = pollConditions(polled, null, now, settings);
    const { column } = polled;
    return (await oneRow(session, { tag: 'greatest', table: table.schema.table, asOf: null, column, conditions }))[0];
  });
}
