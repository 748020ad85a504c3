import type { SourceEvent } from '../changes/change.ts';
import type { Destroyable } from './abort.ts';
import type { SourcePosition } from '../changes/position.ts';
import { tableId } from '../changes/table-name.ts';
import { timestampFromMicroseconds } from '../changes/timestamp.ts';
import type { Clock } from '../host/host.ts';
import { marksOf, timePosition, type PollMarks } from './poll-position.ts';
import type { ReadTable } from './reading.ts';
import { canonicalRow, columnDecoders } from './row-decoder.ts';
import type { Row } from './session.ts';
import type { ChangeStream, TableSelection } from './source-connector.ts';

/** What a source gives so that its tables can be polled. */
export interface PollSource {
  /** Between the end of one poll and the beginning of the next. */
  readonly pollSeconds: number;
  /** Opens a view of the database that stays as it is; an abort ends all reading in it with the signal's reason. */
  openView(tables: readonly TableSelection[], signal: AbortSignal): Promise<PollView>;
}

/** One look at all tables: what was committed before it was opened, and nothing else. */
export interface PollView extends AsyncDisposable {
  /** Microseconds since 1970 by the source's clock, asked when the view was there: what it shows was committed before. */
  readonly microseconds: bigint;
  /** In the order in which they are read. */
  readonly tables: readonly PolledTable[];
}

/**
 * A view in a session of its own, which is the view's from here on. An abort ends it also when nobody reads in it at the moment.
 * @throws what `open` throws, the session ended
 */
export async function viewIn(
  session: Destroyable,
  signal: AbortSignal,
  open: () => Promise<Pick<PollView, 'microseconds' | 'tables'>>,
): Promise<PollView> {
  const end = () => {
    session.destroy();
  };
  try {
    const view = await open();
    signal.addEventListener('abort', end, { once: true });
    const close = () => {
      signal.removeEventListener('abort', end);
      end();
      return Promise.resolve();
    };
    return { ...view, [Symbol.asyncDispose]: close };
  } catch (error) {
    end();
    throw error;
  }
}

export interface PolledTable {
  readonly table: ReadTable;
  /** Rows above the mark, ascending by the polled column, some at a time. @throws PenstockError */
  readRows(mark: string | null): AsyncIterable<readonly PolledRow[]>;
}

export interface PolledRow {
  /** The polled column's value as the source prints it. */
  readonly mark: string | null;
  /** The columns' output texts, in the schema's order. */
  readonly outputs: readonly (string | null)[];
}

/** What a query gives whose first column is the polled one. `toError`: a failure as ours. */
export async function* markedRows(
  read: () => AsyncIterable<readonly Row[]>,
  signal: AbortSignal,
  toError: (error: unknown) => Error,
): AsyncGenerator<readonly PolledRow[]> {
  signal.throwIfAborted();
  try {
    for await (const rows of read()) yield rows.map(([mark = null, ...outputs]) => ({ mark, outputs }));
  } catch (error) {
    signal.throwIfAborted();
    throw toError(error);
  }
}

/** The marks of tables by what is the greatest value in each. */
export async function greatestMarks<Table extends ReadTable>(
  tables: readonly Table[],
  greatest: (table: Table) => Promise<string | null | undefined>,
): Promise<PollMarks> {
  const marks: Record<string, string | null> = {};
  for (const table of tables) marks[tableId(table.schema.table)] = (await greatest(table)) ?? null;
  return marks;
}

/**
 * Extract type timestamps: every so often the rows whose column is above the last mark, as updates. A row that is not there yet is
 * inserted by them; one that was deleted at the source is not seen.
 */
export class PollStream implements ChangeStream {
  readonly #source: PollSource;
  readonly #clock: Clock;
  readonly #after: SourcePosition;
  readonly #selections: readonly TableSelection[];
  readonly #signal: AbortSignal;
  readonly #disposed = new AbortController();
  readonly #announced = new Map<string, string>();

  constructor(
    source: PollSource,
    clock: Clock,
    after: SourcePosition,
    tables: readonly TableSelection[],
    signal: AbortSignal,
  ) {
    this.#source = source;
    this.#clock = clock;
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
    for (;;) {
      position = yield* this.#poll(position);
      await this.#clock.sleep(this.#source.pollSeconds * 1000, this.#signal);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    return Promise.resolve();
  }

  /** One look at all tables in one view of the database, given out as one transaction. */
  async *#poll(from: SourcePosition): AsyncGenerator<readonly SourceEvent[], SourcePosition> {
    const marks = { ...marksOf(from) };
    // The view is closed before whoever reads has to do with what it gave: an open one holds up the source.
    const { microseconds, hasBegun } = yield* this.#look(from, marks);
    const at = timestampFromMicroseconds(microseconds);
    // A commit stands behind its begin.
    const position = timePosition(from.lineage, microseconds + (hasBegun ? 1n : 0n), marks);
    yield [hasBegun ? { tag: 'commit', position, committedAt: at } : { tag: 'heartbeat', position, at }];
    return position;
  }

  /** The rows of all tables behind one begin; moves the marks. */
  async *#look(
    { lineage }: SourcePosition,
    marks: Record<string, string | null>,
  ): AsyncGenerator<readonly SourceEvent[], { readonly microseconds: bigint; readonly hasBegun: boolean }> {
    await using view = await this.#source.openView(this.#selections, this.#signal);
    const { microseconds, tables } = view;
    const at = timestampFromMicroseconds(microseconds);
    const { order } = timePosition(lineage, microseconds);
    let hasBegun = false;
    for (const polled of tables) {
      for await (const events of this.#changes(polled, marks)) {
        yield hasBegun ? events : [{ tag: 'begin', at, order }, ...events];
        hasBegun = true;
      }
    }
    return { microseconds, hasBegun };
  }

  /** Events of one table; moves its mark. */
  async *#changes(polled: PolledTable, marks: Record<string, string | null>): AsyncGenerator<SourceEvent[]> {
    const { table } = polled;
    const decoders = columnDecoders(table);
    const { schema } = table;
    const id = tableId(schema.table);
    for await (const rows of polled.readRows(marks[id] ?? null)) {
      const events: SourceEvent[] = [];
      for (const { mark, outputs } of rows) {
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
