import type { PolledSource } from '../poll-connector.ts';
import type { PollMarks } from '../poll-position.ts';
import { greatestMarks, markedRows, viewIn, type PolledTable, type PollView } from '../poll-stream.ts';
import type { Row } from '../session.ts';
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
export function postgresPolls(access: Access): PolledSource<Session, ReplicatedTable> {
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
  const failure = (error: unknown) => sourceError(error, DOING);
  return described.map((table) => {
    const column = pollColumnOf(table, access.settings);
    const rowsAbove = (mark: string | null) =>
      copiedRows(
        session,
        `SELECT ${column.name}, ${outputColumns(table).join(', ')} FROM ${qualified(table.schema.table)}
       WHERE ${pollCondition(column, mark)} ORDER BY ${column.name}`,
      );
    return { table, readRows: (mark) => markedRows(() => rowsAbove(mark), signal, failure) };
  });
}

async function* copiedRows(session: Session, select: string): AsyncGenerator<Row[]> {
  const copy = new CopyOut(`COPY (${select}) TO STDOUT`);
  session.client.query(copy);
  while (await copy.more()) {
    const rows: Row[] = [];
    while (copy.next()) rows.push(parseLine(copy.buffer.toString('utf8', copy.start, copy.end - 1)));
    yield rows;
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
function currentMarks(session: Session, tables: readonly ReplicatedTable[], { settings }: Access): Promise<PollMarks> {
  return greatestMarks(tables, async (table) => {
    const column = pollColumnOf(table, settings);
    const upper = column.upper === null ? 'true' : `${column.name} <= ${column.upper}`;
    const [row] = await session.rows(`SELECT max(${column.name}) FROM ${qualified(table.schema.table)} WHERE ${upper}`);
    return row?.[0];
  });
}
