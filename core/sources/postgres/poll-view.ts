import { tableId } from '../../changes/table-name.ts';
import type { PollMarks } from '../poll-position.ts';
import { viewIn, type PolledRow, type PolledTable, type PollSource, type PollView } from '../poll-stream.ts';
import type { TableSelection } from '../source-connector.ts';
import { guarded, openSession, type Access, type Session } from './connection.ts';
import { CopyOut } from './wire/copy-out.ts';
import { COPY_READING, describeTables, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { parseLine } from './wire/output-line.ts';
import { pollColumnOf, type PollColumn } from './poll-column.ts';
import { outputColumns } from './row-sql.ts';
import { sourceMicroseconds } from './source-time.ts';
import { literal, qualified } from './sql.ts';

/** Polls in one transaction of REPEATABLE READ each. */
export function postgresPolls(access: Access): PollSource {
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
      await session.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const microseconds = await sourceMicroseconds(session);
      return { microseconds, tables: await polledTables(session, access, tables, signal) };
    }),
  );
}

async function polledTables(
  session: Session,
  access: Access,
  selections: readonly TableSelection[],
  signal: AbortSignal,
): Promise<PolledTable[]> {
  const described = await describeTables(session, selections, COPY_READING);
  return described.map((table) => {
    const column = pollColumnOf(table, access.settings);
    const readRows = (mark: string | null) => rowsAbove(session, table, column, mark, signal);
    return { id: tableId(table.schema.table), table, readRows };
  });
}

/** The first column of each line is the mark, the rest are the row. */
async function* rowsAbove(
  session: Session,
  table: ReplicatedTable,
  column: PollColumn,
  mark: string | null,
  signal: AbortSignal,
): AsyncGenerator<readonly PolledRow[]> {
  signal.throwIfAborted();
  try {
    const copy = new CopyOut(
      `COPY (SELECT ${column.name}, ${outputColumns(table).join(', ')} FROM ${qualified(table.schema.table)}
       WHERE ${pollCondition(column, mark)} ORDER BY ${column.name}) TO STDOUT`,
    );
    session.client.query(copy);
    while (await copy.more()) {
      const rows: PolledRow[] = [];
      while (copy.next()) {
        const [first = null, ...outputs] = parseLine(copy.buffer.toString('utf8', copy.start, copy.end - 1));
        rows.push({ mark: first, outputs });
      }
      yield rows;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw sourceError(error, DOING);
  }
}

/** Rows above the mark; with an overlap some of them a second time. */
export function pollCondition(column: PollColumn, mark: string | null): string {
  const upper = column.upper === null ? [] : [`${column.name} <= ${column.upper}`];
  const bound = (text: string) =>
    column.overlap === '' ? literal(text) : `${literal(text)}::${column.type}${column.overlap}`;
  const lower = mark === null ? [`${column.name} IS NOT NULL`] : [`${column.name} > ${bound(mark)}`];
  return [...lower, ...upper].join(' AND ');
}

/** The marks of tables as they are now, for the first poll. */
export async function currentMarks(
  session: Session,
  tables: readonly ReplicatedTable[],
  access: Access,
): Promise<PollMarks> {
  const marks: Record<string, string | null> = {};
  for (const table of tables) {
    const column = pollColumnOf(table, access.settings);
    const upper = column.upper === null ? 'true' : `${column.name} <= ${column.upper}`;
    const [row] = await session.rows(`SELECT max(${column.name}) FROM ${qualified(table.schema.table)} WHERE ${upper}`);
    marks[tableId(table.schema.table)] = row?.[0] ?? null;
  }
  return marks;
}
