import { PenstockError } from '../../errors/penstock-error.ts';
import { tableId } from '../../changes/table-name.ts';
import type { PolledSource } from '../poll-connector.ts';
import type { PollMarks } from '../poll-position.ts';
import { greatestMarks, markedRows, viewIn, type PolledTable, type PollView } from '../poll-stream.ts';
import type { TableSelection } from '../source-connector.ts';
import { outputsOf, type Reading, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { pollColumnOf, pollConditions, requireKnownBounds, type PollBounds } from './poll-column.ts';
import { describeTables } from './prepare.ts';
import { readDatabase } from './server/database.ts';
import { guarded, type Access } from './server/guarded.ts';
import { oneRow, type Session } from './server/session.ts';
import { beginView } from './server/views.ts';
import { sourceMicroseconds } from './source-time.ts';

/** How tables are read whose changes are read nowhere. */
export function copyReading({ settings }: Access): Reading {
  return { changes: null, policies: settings };
}

/** Polls in one SNAPSHOT transaction each, where the database allows it. */
export function sqlserverPolls(access: Access): PolledSource<Session, ReplicatedTable> {
  return {
    pollSeconds: access.settings.pollSeconds,
    openView: (tables, signal) => openPollView(access, tables, signal),
    judge: requirePolled,
    marks: (session, tables) => currentMarks(session, tables, access),
  };
}

const DOING = 'poll';

async function openPollView(access: Access, tables: readonly TableSelection[], signal: AbortSignal): Promise<PollView> {
  const session = await access.open(signal);
  return viewIn(session, signal, () =>
    guarded(session, signal, DOING, async () => {
      // What is below these bounds and was committed is surely in the view, which begins later.
      const bounds = await readBounds(session);
      const described = await describeTables(session, tables, copyReading(access));
      await requirePolled(session, described);
      const [first] = described;
      if ((await beginView(session)) && first !== undefined) {
        await session.run({ tag: 'touch', table: first.schema.table });
      }
      const microseconds = await sourceMicroseconds(session);
      const polled = described.map((table) => polledTable(session, access, table, bounds, signal));
      return { microseconds, tables: polled };
    }),
  );
}

/** @throws PenstockError PS1001, PS2005, PS2011 for a table that cannot be polled by its column here */
async function requirePolled(session: Session, tables: readonly ReplicatedTable[]): Promise<void> {
  const database = await readDatabase(session);
  for (const table of tables) requireKnownBounds(table, pollColumnOf(table), database);
}

function polledTable(
  session: Session,
  access: Access,
  table: ReplicatedTable,
  bounds: PollBounds,
  signal: AbortSignal,
): PolledTable {
  const polled = pollColumnOf(table);
  const rowsAbove = (mark: string | null) =>
    session.read({
      tag: 'rows',
      table: table.schema.table,
      columns: [polled.column, ...outputsOf(table)],
      conditions: pollConditions(polled, mark, bounds, access.settings),
      orderBy: polled.column,
    });
  const failure = (error: unknown) => sourceError(error, DOING, tableId(table.schema.table));
  return { table, readRows: (mark) => markedRows(() => rowsAbove(mark), signal, failure) };
}

async function readBounds(session: Session): Promise<PollBounds> {
  const microseconds = await sourceMicroseconds(session);
  const [openRowversion] = await oneRow(session, { tag: 'minActiveRowversion' });
  if (openRowversion === null || openRowversion === undefined) {
    throw new PenstockError('PS2008', 'the server does not tell its rowversions');
  }
  return { microseconds, openRowversion };
}

/** The marks of tables as they are now, for the first poll. */
async function currentMarks(
  session: Session,
  tables: readonly ReplicatedTable[],
  { settings }: Access,
): Promise<PollMarks> {
  const bounds = await readBounds(session);
  return greatestMarks(tables, async (table) => {
    const polled = pollColumnOf(table);
    const conditions = pollConditions(polled, null, bounds, settings);
    return (
      await oneRow(session, { tag: 'greatest', table: table.schema.table, column: polled.column, conditions })
    )[0];
  });
}
