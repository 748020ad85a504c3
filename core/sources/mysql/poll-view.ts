import { tableId } from '../../changes/table-name.ts';
import type { PolledSource } from '../poll-connector.ts';
import type { PollMarks } from '../poll-position.ts';
import { greatestMarks, markedRows, viewIn, type PolledTable, type PollView } from '../poll-stream.ts';
import type { Row } from '../session.ts';
import type { TableSelection } from '../source-connector.ts';
import { guarded, openSession, type Access, type Session } from './connection.ts';
import type { Reading, ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { pollColumnOf, pollCondition } from './poll-column.ts';
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
export function mysqlPolls(access: Access): PolledSource<Session, ReplicatedTable> {
  return {
    pollSeconds: access.settings.pollSeconds,
    openView: (tables, signal) => openPollView(access, tables, signal),
    judge: (_, tables) => {
      for (const table of tables) pollColumnOf(table, access.settings);
    },
    marks: (session, tables) => currentMarks(session, tables, access),
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
    const failure = (error: unknown) => sourceError(error, DOING, tableId(table.schema.table));
    const rowsAbove = (mark: string | null) =>
      resultRows(
        session,
        `SELECT ${column.output(column.name)}, ${outputColumns(table).join(', ')} FROM ${qualified(table.schema.table)}
       WHERE ${pollCondition(column, mark, before)} ORDER BY ${column.name}`,
      );
    return { table, readRows: (mark) => markedRows(() => rowsAbove(mark), signal, failure) };
  });
}

async function* resultRows(session: Session, sql: string): AsyncGenerator<Row[]> {
  const found = new ResultRows(session, sql);
  while (await found.more()) {
    const rows: Row[] = [];
    while (found.next()) rows.push(found.values());
    yield rows;
  }
}

/** The marks of tables as they are now, for the first poll. */
async function currentMarks(
  session: Session,
  tables: readonly ReplicatedTable[],
  { settings }: Access,
): Promise<PollMarks> {
  const now = await sourceMicroseconds(session);
  return greatestMarks(tables, async (table) => {
    const column = pollColumnOf(table, settings);
    const greatest = column.output(`MAX(${column.name})`);
    const [row] = await session.rows(
      `SELECT ${greatest} FROM ${qualified(table.schema.table)} WHERE ${pollCondition(column, null, now)}`,
    );
    return row?.[0];
  });
}
