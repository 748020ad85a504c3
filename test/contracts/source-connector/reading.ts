import type { RowChange, SourceEvent } from '../../../core/changes/change.ts';
import type { ChunkRange } from '../../../core/changes/copy-mark.ts';
import type { SourcePosition } from '../../../core/changes/position.ts';
import type { TableSchema } from '../../../core/changes/table-schema.ts';
import { decodeLine } from '../../../core/extracts/row-encoding.ts';
import type {
  ChangeStream,
  MisfitRow,
  Snapshot,
  SourceConnector,
  TableSelection,
} from '../../../core/sources/source-connector.ts';
import { patience } from '../../fixtures/eventually.ts';
import { EventOrder } from './event-order.ts';
import type { DatabaseUnderTest } from './source-under-test.ts';

export const NEVER = new AbortController().signal;

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function select(
  database: DatabaseUnderTest,
  name: string,
  choices: Partial<TableSelection> = {},
): TableSelection {
  const where = choices.where ?? null;
  return {
    ...{ table: database.table(name), key: null, mask: [], typeChange: {}, timestampColumn: null },
    ...choices,
    where: where === null ? null : (database.condition?.(where) ?? where),
  };
}

export async function describeOne(source: SourceConnector, table: TableSelection): Promise<TableSchema> {
  const [schema] = await source.describeTables([table], NEVER);
  if (schema === undefined) throw new Error(`${table.table.name} was not described`);
  return schema;
}

/** One table, copied from a snapshot of its own. */
export async function copyTable(source: SourceConnector, table: TableSelection): Promise<CopiedChunk> {
  const schema = await describeOne(source, table);
  await using snapshot = await source.openSnapshot({ tables: [table], readers: 1 }, NEVER);
  return await readChunk(snapshot, table, schema);
}

export interface CopiedChunk {
  /** Canonical texts; of a table without a key the row's hash first. */
  readonly rows: (string | null)[][];
  readonly misfits: readonly MisfitRow[];
  readonly counted: number;
}

export async function readChunk(
  snapshot: Snapshot,
  table: TableSelection,
  schema: TableSchema,
  range: ChunkRange = { tag: 'whole' },
): Promise<CopiedChunk> {
  const chunk = await snapshot.readChunk(table, schema, range, patience(`a chunk of ${table.table.name}`));
  const buffers: Buffer[] = [];
  for await (const bytes of chunk.bytes) buffers.push(Buffer.from(bytes));
  const text = Buffer.concat(buffers).toString('utf8');
  if (text !== '' && !text.endsWith('\n')) throw new Error(`a chunk of ${table.table.name} ends inside a line`);
  const lines = text === '' ? [] : text.slice(0, -1).split('\n');
  const { misfits, rows: counted } = chunk.summary();
  return { rows: lines.map(decodeLine), misfits, counted };
}

/** Reads chunks with so many readers as the snapshot was opened for, and gives them to `take` in the order of `ranges`. */
export async function readChunks(
  snapshot: Snapshot,
  table: TableSelection,
  schema: TableSchema,
  ranges: readonly ChunkRange[],
  readers: number,
): Promise<CopiedChunk[]> {
  const chunks: CopiedChunk[] = [];
  const left = [...ranges.entries()];
  const read = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, range] = next;
      chunks[index] = await readChunk(snapshot, table, schema, range);
    }
  };
  await Promise.all(Array.from({ length: readers }, read));
  return chunks;
}

/** Whole transactions as they came, and where reading may go on. */
export interface LogRead {
  readonly events: readonly SourceEvent[];
  /** Behind the last whole transaction or heartbeat. */
  readonly reached: SourcePosition;
}

/** A stream that is read step by step, each event looked at by {@link EventOrder}. */
export class LogReader implements AsyncDisposable {
  readonly events: SourceEvent[] = [];
  /** Behind the last whole transaction or heartbeat. */
  reached: SourcePosition;
  readonly stream: ChangeStream;
  readonly #iterator: AsyncIterator<readonly SourceEvent[]>;
  readonly #order: EventOrder;

  private constructor(stream: ChangeStream, after: SourcePosition) {
    this.stream = stream;
    this.reached = after;
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#order = new EventOrder(after);
  }

  static async open(
    source: SourceConnector,
    after: SourcePosition,
    tables: readonly TableSelection[],
    signal: AbortSignal = patience(`the log behind ${after.order}`),
  ): Promise<LogReader> {
    return new LogReader(await source.openStream(after, tables, signal), after);
  }

  /** The next batch. */
  async next(): Promise<readonly SourceEvent[]> {
    const result = await this.#iterator.next();
    if (result.done === true) throw new Error('the stream ended silently');
    for (const event of result.value) {
      this.#order.accept(event);
      this.events.push(event);
      if (event.tag === 'commit' || event.tag === 'heartbeat') this.reached = event.position;
    }
    return result.value;
  }

  /** Reads on to the first place at or behind `end`. */
  async readTo(end: SourcePosition): Promise<void> {
    while (this.reached.order < end.order) await this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stream[Symbol.asyncDispose]();
  }
}

/** All events from `after` up to the first place at or behind `end`. */
export async function readLog(
  source: SourceConnector,
  after: SourcePosition,
  tables: readonly TableSelection[],
  end: SourcePosition,
): Promise<LogRead> {
  if (after.order >= end.order) return { events: [], reached: after };
  await using reader = await LogReader.open(source, after, tables, patience(`the log up to ${end.order}`));
  await reader.readTo(end);
  return { events: reader.events, reached: reader.reached };
}

/** The log from `after` to now. */
export async function readToNow(
  source: SourceConnector,
  after: SourcePosition,
  tables: readonly TableSelection[],
): Promise<LogRead> {
  return readLog(source, after, tables, await source.currentPosition(NEVER));
}

export function changesOf(events: readonly SourceEvent[], table: string | null = null): RowChange[] {
  return events.flatMap((event) =>
    event.tag === 'row' && (table === null || event.change.schema.table.name === table) ? [event.change] : [],
  );
}

export interface ReadTransaction {
  readonly order: string;
  readonly at: string;
  readonly end: SourcePosition;
  readonly changes: readonly RowChange[];
}

/** Transactions with changes; what stands behind the last commit is left out. */
export function transactionsOf(events: readonly SourceEvent[]): ReadTransaction[] {
  const transactions: ReadTransaction[] = [];
  let begin: Extract<SourceEvent, { tag: 'begin' }> | null = null;
  let changes: RowChange[] = [];
  for (const event of events) {
    if (event.tag === 'begin') [begin, changes] = [event, []];
    if (event.tag === 'row') changes.push(event.change);
    if (event.tag === 'commit' && begin !== null && changes.length > 0)
      transactions.push({ order: begin.order, at: begin.at, end: event.position, changes });
  }
  return transactions;
}
