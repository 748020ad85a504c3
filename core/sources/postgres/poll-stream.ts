import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import { timestampFromMicroseconds } from '../../changes/timestamp.ts';
import type { Clock } from '../../host/host.ts';
import type { ChangeStream, TableSelection } from '../source-connector.ts';
import { guarded, openSession, type Access, type Session } from './connection.ts';
import { CopyOut } from './copy-out.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { parseLine } from './output-line.ts';
import { pollColumnOf, type PollColumn } from './poll-column.ts';
import { canonicalRow, columnDecoders } from '../row-decoder.ts';
import { outputColumns } from './row-sql.ts';
import { marksOf, timePosition, type PollMarks } from '../poll-position.ts';
import { sourceMicroseconds } from './source-time.ts';
import { readSourceTables } from './source-table.ts';
import { literal, qualified } from './sql.ts';

export interface PollContext {
  readonly access: Access;
  readonly clock: Clock;
}

/** What every poll looks at. */
interface PolledTable {
  readonly id: string;
  readonly table: ReplicatedTable;
  readonly column: PollColumn;
}

/**
 * Extract type timestamps: every so often the rows whose column is above the last mark, as updates. A row that is not there yet is
 * inserted by them; one that was deleted at the source is not seen.
 */
export class PollStream implements ChangeStream {
  readonly #context: PollContext;
  readonly #after: SourcePosition;
  readonly #selections: readonly TableSelection[];
  readonly #signal: AbortSignal;
  readonly #disposed = new AbortController();
  readonly #announced = new Map<string, string>();

  constructor(context: PollContext, after: SourcePosition, tables: readonly TableSelection[], signal: AbortSignal) {
    this.#context = context;
    this.#after = after;
    this.#selections = tables;
    this.#signal = AbortSignal.any([signal, this.#disposed.signal]);
  }

  /** The source keeps nothing for a poll. */
  acknowledge(): void {
    // Nothing to release.
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly SourceEvent[]> {
    let position = this.#after;
    const { access, clock } = this.#context;
    for (;;) {
      const session = await openSession(access, this.#signal);
      const abort = () => {
        session.destroy();
      };
      this.#signal.addEventListener('abort', abort, { once: true });
      try {
        const poll = this.#poll(session, position);
        for (let step = await poll.next(); ; step = await poll.next()) {
          if (step.done === true) {
            position = step.value;
            break;
          }
          yield step.value;
        }
      } catch (error) {
        this.#signal.throwIfAborted();
        throw sourceError(error, 'poll');
      } finally {
        this.#signal.removeEventListener('abort', abort);
        session.destroy();
      }
      await clock.sleep(access.settings.pollSeconds * 1000, this.#signal);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    return Promise.resolve();
  }

  /** One look at all tables in one view of the database, given out as one transaction. */
  async *#poll(session: Session, from: SourcePosition): AsyncGenerator<readonly SourceEvent[], SourcePosition> {
    const doing = 'poll';
    await guarded(session, this.#signal, doing, () =>
      session.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'),
    );
    const microseconds = await sourceMicroseconds(session);
    const at = timestampFromMicroseconds(microseconds);
    const { order } = timePosition(from.lineage, microseconds);
    const marks = { ...marksOf(from) };
    let hasBegun = false;
    for (const polled of await this.#describe(session)) {
      for await (const events of this.#rows(session, polled, marks)) {
        yield hasBegun ? events : [{ tag: 'begin', at, order }, ...events];
        hasBegun = true;
      }
    }
    const position = timePosition(from.lineage, microseconds, marks);
    yield [hasBegun ? { tag: 'commit', position, committedAt: at } : { tag: 'heartbeat', position, at }];
    return position;
  }

  async #describe(session: Session): Promise<PolledTable[]> {
    const sources = await readSourceTables(
      session,
      this.#selections.map(({ table }) => table),
    );
    return sources.flatMap((source, index) => {
      const selection = this.#selections[index];
      if (selection === undefined) return [];
      const table = replicatedTable(source, selection, { fromLog: false, generatedColumns: true });
      return [{ id: tableId(selection.table), table, column: pollColumnOf(table, this.#context.access.settings) }];
    });
  }

  /** Events of one table; moves its mark. The first column of each line is the mark, the rest are the row. */
  async *#rows(
    session: Session,
    { id, table, column }: PolledTable,
    marks: Record<string, string | null>,
  ): AsyncGenerator<SourceEvent[]> {
    const decoders = columnDecoders(table);
    const { schema } = table;
    const copy = new CopyOut(
      `COPY (SELECT ${column.name}, ${outputColumns(table).join(', ')} FROM ${qualified(schema.table)}
       WHERE ${pollCondition(column, marks[id] ?? null)} ORDER BY ${column.name}) TO STDOUT`,
    );
    session.client.query(copy);
    while (await copy.more()) {
      const events: SourceEvent[] = [];
      while (copy.next()) {
        const [mark = null, ...outputs] = parseLine(copy.buffer.toString('utf8', copy.start, copy.end - 1));
        if (this.#announced.get(id) !== schema.fingerprint) {
          this.#announced.set(id, schema.fingerprint);
          events.push({ tag: 'schema', schema });
        }
        const { values, misfit } = canonicalRow(decoders, outputs);
        events.push({ tag: 'row', change: { schema, op: 'update', before: null, after: values, misfit } });
        marks[id] = mark;
      }
      if (events.length > 0) yield events;
    }
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
