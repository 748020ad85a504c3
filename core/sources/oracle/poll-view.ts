import { tableId } from '../../changes/table-name.ts';
import type { PollMarks } from '../poll-position.ts';
import { viewIn, type PolledRow, type PolledTable, type PollSource, type PollView } from '../poll-stream.ts';
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
import type { RowStatement } from './statements/rows.ts';

/** How tables are read whose changes are read nowhere. */
export function copyReading({ settings }: Access): Reading {
  return { fromLogs: false, policies: settings };
}

/** Polls all tables at one SCN each time. */
export function oraclePolls(access: Access): PollSource {
  return {
    pollSeconds: access.settings.pollSeconds,
    openView: (tables, signal) => openPollView(access, tables, signal),
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
  return {
    id: tableId(table.schema.table),
    table,
    readRows: (mark) =>
      rowsWhere(
        session,
        {
          tag: 'rows',
          table: table.schema.table,
          asOf: scn,
          columns: [polled.column, ...outputsOf(table)],
          conditions: pollConditions(polled, mark, before, access.settings),
          orderBy: polled.column,
        },
        signal,
      ),
  };
}

/** The first value of each row is the mark, the others are the row. */
async function* rowsWhere(
  session: Session,
  statement: Extract<RowStatement, { tag: 'rows' }>,
  signal: AbortSignal,
): AsyncGenerator<readonly PolledRow[]> {
  signal.throwIfAborted();
  try {
    for await (const rows of session.read(statement)) {
      yield rows.map(([mark = null, ...outputs]) => ({ mark, outputs }));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw sourceError(error, DOING, tableId(statement.table));
  }
}

/** The marks of tables as they are now, for the first poll. */
export async function currentMarks(
  session: Session,
  tables: readonly ReplicatedTable[],
  { settings }: Access,
): Promise<PollMarks> {
  const marks: Record<string, string | null> = {};
  const now = await sourceMicroseconds(session);
  for (const table of tables) {
    const polled = pollColumnOf(table);
    const conditions = pollConditions(polled, null, now, settings);
    const [mark] = await oneRow(session, {
      tag: 'greatest',
      table: table.schema.table,
      asOf: null,
      column: polled.column,
      conditions,
    });
    marks[tableId(table.schema.table)] = mark ?? null;
  }
  return marks;
}
