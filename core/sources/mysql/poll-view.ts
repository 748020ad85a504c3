import { tableId } from '../../changes/table-name.ts';
import type { PollMarks } from '../poll-position.ts';
import { viewIn, type PolledRow, type PolledTable, type PollSource, type PollView } from '../poll-stream.ts';
import type { TableSelection } from '../source-connector.ts';
import { guarded, openSession, type Access, type Session } from './connection.ts';
import type { Reading, ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { pollColumnOf, pollCondition, type PollColumn } from './poll-column.ts';
import { describeTables } from './prepare.ts';
import { ResultRows } from './wire/result-rows.ts';
import { outputColumns } from './row-sql.ts';
import { sourceMicroseconds } from './source-time.ts';
import { qualified } from './sql.ts';

/** How tables are read that no log is read of. */
export function copyReading({ settings }: Access): Reading {
  return { fromLog: false, virtualColumns: true, policies: settings };
}

/** Polls in one transaction with a consistent snapshot each. */
export function mysqlPolls(access: Access): PollSource {
  return {
    pollSeconds: access.settings.pollSeconds,
    openView: (tables, signal) => openPollView(access, tables, signal),
  };
}

const DOING = 'poll';

async function openPollView(access: Access, tables: readonly TableSelection[], signal: AbortSignal): Promise<PollView> {
  const session = await openSession(access, signal);
  return viewIn(session, signal, () =>
    guarded(session, signal, DOING, async () => {
      // Rows are given out up to the lag before this time, and what was committed until then is surely in the view.
      const before = await sourceMicroseconds(session);
      await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      const microseconds = await sourceMicroseconds(session);
      return { microseconds, tables: await polledTables(session, access, tables, before, signal) };
    }),
  );
}

async function polledTables(
  session: Session,
  access: Access,
  selections: readonly TableSelection[],
  before: bigint,
  signal: AbortSignal,
): Promise<PolledTable[]> {
  const described = await describeTables(session, selections, copyReading(access));
  return described.map((table) => {
    const column = pollColumnOf(table, access.settings);
    const readRows = (mark: string | null) =>
      rowsWhere(session, table, column, pollCondition(column, mark, before), signal);
    return { id: tableId(table.schema.table), table, readRows };
  });
}

/** The first value of each row is the mark, the others are the row. */
async function* rowsWhere(
  session: Session,
  table: ReplicatedTable,
  column: PollColumn,
  condition: string,
  signal: AbortSignal,
): AsyncGenerator<readonly PolledRow[]> {
  signal.throwIfAborted();
  try {
    const found = new ResultRows(
      session,
      `SELECT ${column.output(column.name)}, ${outputColumns(table).join(', ')} FROM ${qualified(table.schema.table)}
       WHERE ${condition} ORDER BY ${column.name}`,
    );
    while (await found.more()) {
      const rows: PolledRow[] = [];
      while (found.next()) {
        const [mark = null, ...outputs] = found.values();
        rows.push({ mark, outputs });
      }
      yield rows;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw sourceError(error, DOING, tableId(table.schema.table));
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
    const column = pollColumnOf(table, settings);
    const greatest = column.output(`MAX(${column.name})`);
    const [row] = await session.rows(
      `SELECT ${greatest} FROM ${qualified(table.schema.table)} WHERE ${pollCondition(column, null, now)}`,
    );
    marks[tableId(table.schema.table)] = row?.[0] ?? null;
  }
  return marks;
}
