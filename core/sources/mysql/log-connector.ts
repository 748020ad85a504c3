import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { SourcePosition } from '../../changes/position.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
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
} from '../source-connector.ts';
import type { ConnectorContext } from '../source-definition.ts';
import { checkLog } from './check.ts';
import { withSession, type Access } from './connection.ts';
import { currentLogPosition } from './current-position.ts';
import { listTables } from './list-tables.ts';
import { readLogHealth } from './log-health.ts';
import { openLogSnapshot } from './open-snapshot.ts';
import { describeTables, logReading, prepareLog } from './prepare.ts';
import { serverIdOf, type MysqlSettings } from './settings.ts';
import { openLog } from './stream.ts';
import { planRanges } from './plan-ranges.ts';
import { fetchRows } from './fetch-rows.ts';
import { checksum, rowDigests } from './verify.ts';

/** Extract type Logs: the binlog is read as a replica reads it. */
export class MysqlLogConnector implements SourceConnector {
  readonly mode = 'log';
  readonly #context: ConnectorContext;
  readonly #access: Access;
  readonly #serverId: number;
  /** When the last position that was given out or acknowledged was written at the source. */
  readonly #progress: { readAt: Timestamp | null } = { readAt: null };

  constructor(settings: MysqlSettings, context: ConnectorContext) {
    this.#context = context;
    this.#access = { settings, password: context.password };
    this.#serverId = serverIdOf(settings, context.pipeline);
  }

  check(tables: readonly TableSelection[], signal: AbortSignal): Promise<Finding[]> {
    return checkLog(this.#access, this.#serverId, tables, signal);
  }

  listTables(signal: AbortSignal): Promise<ListedTable[]> {
    return withSession(this.#access, signal, 'list tables', listTables);
  }

  async describeTables(tables: readonly TableSelection[], signal: AbortSignal): Promise<TableSchema[]> {
    const described = await withSession(this.#access, signal, 'describe tables', (session) =>
      describeTables(session, tables, logReading(session, this.#access)),
    );
    return described.map(({ schema }) => schema);
  }

  prepare(
    tables: readonly TableSelection[],
    known: SourcePosition | null,
    signal: AbortSignal,
  ): Promise<SourcePosition> {
    return prepareLog(this.#access, tables, known, this.#serverId, signal);
  }

  openSnapshot(request: SnapshotRequest, signal: AbortSignal): Promise<Snapshot> {
    const { misfits } = this.#context;
    const reading = (session: Parameters<typeof logReading>[0]) => logReading(session, this.#access);
    return openLogSnapshot({ access: this.#access, misfits, reading }, request, signal);
  }

  openStream(after: SourcePosition, tables: readonly TableSelection[], signal: AbortSignal): Promise<ChangeStream> {
    const { clock, log } = this.#context;
    const context = { access: this.#access, serverId: this.#serverId, clock, log, progress: this.#progress };
    return openLog(context, after, tables, signal);
  }

  async checkReach(from: SourcePosition, signal: AbortSignal): Promise<void> {
    await prepareLog(this.#access, [], from, this.#serverId, signal);
  }

  currentPosition(signal: AbortSignal): Promise<SourcePosition> {
    return currentLogPosition(this.#access, signal);
  }

  logHealth(signal: AbortSignal): Promise<LogHealth> {
    return withSession(this.#access, signal, 'look at the log', (session) =>
      readLogHealth(session, this.#progress.readAt),
    );
  }

  checksum(request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum> {
    return checksum(this.#access, request, signal);
  }

  rowDigests(request: ChecksumRequest, signal: AbortSignal): AsyncIterable<RowDigest> {
    return rowDigests(this.#access, request, signal);
  }

  fetchRows(request: FetchRequest, signal: AbortSignal): FetchedRows {
    return fetchRows(this.#access, { clock: this.#context.clock, isLogged: true }, request, signal);
  }

  planRanges(
    selection: TableSelection,
    schema: TableSchema,
    bytes: number,
    signal: AbortSignal,
  ): Promise<ChunkRange[]> {
    return planRanges(this.#access, selection, schema, bytes, signal);
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
