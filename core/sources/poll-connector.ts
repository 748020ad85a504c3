import type { ChunkRange } from '../changes/copy-mark.ts';
import type { SourcePosition } from '../changes/position.ts';
import type { TableSchema } from '../changes/table-schema.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { Clock } from '../host/host.ts';
import { timePosition, type PollMarks } from './poll-position.ts';
import { PollStream, type PollSource } from './poll-stream.ts';
import type { ReadTable } from './reading.ts';
import { SilentStream } from './silent-stream.ts';
import type {
  ChangeStream,
  ChecksumRequest,
  ChunkChecksum,
  FetchedRows,
  FetchRequest,
  Finding,
  ListedTable,
  LogHealth,
  RowDigest,
  Snapshot,
  SnapshotRequest,
  SourceConnector,
  TableSelection,
} from './source-connector.ts';

/** A source that is only copied and polled; for what its members mean see {@link SourceConnector}. */
export interface CopiedSource extends Pick<
  SourceConnector,
  'check' | 'listTables' | 'openSnapshot' | 'checksum' | 'rowDigests' | 'fetchRows' | 'planRanges'
> {
  /** Null: extract type Full Extracts. */
  readonly polls: PollSource | null;
  /** The tables, with their polled columns judged where there are any. @throws PenstockError PS1001, PS1005, PS1006, PS2011 */
  describe(tables: readonly TableSelection[], signal: AbortSignal): Promise<readonly ReadTable[]>;
  moment(signal: AbortSignal): Promise<SourceMoment>;
  /** The marks of the tables as they are now; none for Full Extracts. Throws what `describe` throws. */
  marks(tables: readonly TableSelection[], signal: AbortSignal): Promise<PollMarks>;
  /** @throws PenstockError PS2001 */
  requireLineage(position: SourcePosition, lineage: string): void;
}

/** Which source it is, and its time: microseconds since 1970 by its own clock. */
export interface SourceMoment {
  readonly lineage: string;
  readonly microseconds: bigint;
}

/** Extract types Full Extracts and Timestamps: nothing is kept at the source, no right but SELECT is needed. */
export class PollConnector implements SourceConnector {
  readonly mode: 'full' | 'timestamps';
  readonly #source: CopiedSource;
  readonly #clock: Clock;

  constructor(source: CopiedSource, clock: Clock) {
    this.mode = source.polls === null ? 'full' : 'timestamps';
    this.#source = source;
    this.#clock = clock;
  }

  check(tables: readonly TableSelection[], signal: AbortSignal): Promise<Finding[]> {
    return this.#source.check(tables, signal);
  }

  listTables(signal: AbortSignal): Promise<ListedTable[]> {
    return this.#source.listTables(signal);
  }

  async describeTables(tables: readonly TableSelection[], signal: AbortSignal): Promise<TableSchema[]> {
    return (await this.#source.describe(tables, signal)).map(({ schema }) => schema);
  }

  async prepare(
    tables: readonly TableSelection[],
    known: SourcePosition | null,
    signal: AbortSignal,
  ): Promise<SourcePosition> {
    // The time is asked first: a row that comes meanwhile is above a mark, or in a copy that begins later.
    const { lineage, microseconds } = await this.#source.moment(signal);
    if (known === null) return timePosition(lineage, microseconds, await this.#source.marks(tables, signal));
    this.#source.requireLineage(known, lineage);
    await this.#source.describe(tables, signal);
    return known;
  }

  openSnapshot(request: SnapshotRequest, signal: AbortSignal): Promise<Snapshot> {
    return this.#source.openSnapshot(request, signal);
  }

  async openStream(
    after: SourcePosition,
    tables: readonly TableSelection[],
    signal: AbortSignal,
  ): Promise<ChangeStream> {
    const { lineage } = await this.#source.moment(signal);
    this.#source.requireLineage(after, lineage);
    const { polls } = this.#source;
    return polls === null ? new SilentStream(signal) : new PollStream(polls, this.#clock, after, tables, signal);
  }

  checkReach(): Promise<void> {
    const what = 'the source is read without its log, and what its rows were before cannot be read again';
    return Promise.reject(new PenstockError('PS2006', what));
  }

  async currentPosition(signal: AbortSignal): Promise<SourcePosition> {
    const { lineage, microseconds } = await this.#source.moment(signal);
    return timePosition(lineage, microseconds);
  }

  /** The source keeps no log for this. */
  logHealth(): Promise<LogHealth> {
    return Promise.resolve({ retainedBytes: null, headroomBytes: null, expiresAt: null });
  }

  checksum(request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum> {
    return this.#source.checksum(request, signal);
  }

  rowDigests(request: ChecksumRequest, signal: AbortSignal): AsyncIterable<RowDigest> {
    return this.#source.rowDigests(request, signal);
  }

  fetchRows(request: FetchRequest, signal: AbortSignal): FetchedRows {
    return this.#source.fetchRows(request, signal);
  }

  planRanges(
    selection: TableSelection,
    schema: TableSchema,
    bytes: number,
    signal: AbortSignal,
  ): Promise<ChunkRange[]> {
    return this.#source.planRanges(selection, schema, bytes, signal);
  }

  /** Nothing was made at the source. */
  teardown(): Promise<void> {
    return Promise.resolve();
  }

  /** Every call has its own connections; nothing is kept. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
