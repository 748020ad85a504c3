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
import { checkLogs } from './check.ts';
import { currentPosition } from './current-position.ts';
import { listTables } from './list-tables.ts';
import { readLogHealth } from './log-health.ts';
import { openLogSnapshot } from './open-snapshot.ts';
import { checkLogReach, describeTables, logReading, prepareLogs } from './prepare.ts';
import { withSession, type Access } from './server/guarded.ts';
import { openLog } from './stream.ts';
import { planRanges } from './plan-ranges.ts';
import { fetchRows } from './fetch-rows.ts';
import { checksum, rowDigests } from './verify.ts';

/** The extract types that read the redo logs by LogMiner. */
export class OracleLogConnector implements SourceConnector {
  readonly mode = 'log';
  readonly #context: ConnectorContext;
  readonly #access: Access;
  /** When the oldest redo that is still needed was written at the source. */
  readonly #progress: { readAt: Timestamp | null } = { readAt: null };

  constructor(access: Access, context: ConnectorContext) {
    this.#context = context;
    this.#access = access;
  }

  check(tables: readonly TableSelection[], signal: AbortSignal): Promise<Finding[]> {
    return checkLogs(this.#access, tables, signal);
  }

  listTables(signal: AbortSignal): Promise<ListedTable[]> {
    return withSession(this.#access, signal, 'list tables', listTables);
  }

  async describeTables(tables: readonly TableSelection[], signal: AbortSignal): Promise<TableSchema[]> {
    const described = await withSession(this.#access, signal, 'describe tables', (session) =>
      describeTables(session, tables, logReading(this.#access)),
    );
    return described.map(({ schema }) => schema);
  }

  prepare(
    tables: readonly TableSelection[],
    known: SourcePosition | null,
    signal: AbortSignal,
  ): Promise<SourcePosition> {
    return prepareLogs(this.#access, this.#context.clock, tables, known, signal);
  }

  openSnapshot(request: SnapshotRequest, signal: AbortSignal): Promise<Snapshot> {
    const { misfits, clock } = this.#context;
    const access = this.#access;
    const describe: Parameters<typeof openLogSnapshot>[0]['describe'] = (session, tables) =>
      describeTables(session, tables, logReading(access));
    return openLogSnapshot({ access, misfits, clock, describe }, request, signal);
  }

  openStream(after: SourcePosition, tables: readonly TableSelection[], signal: AbortSignal): Promise<ChangeStream> {
    const { clock, scratch, extractThreads } = this.#context;
    const context = { access: this.#access, clock, scratch, extractThreads, progress: this.#progress };
    return openLog(context, after, tables, signal);
  }

  checkReach(from: SourcePosition, signal: AbortSignal): Promise<void> {
    return checkLogReach(this.#access, from, signal);
  }

  currentPosition(signal: AbortSignal): Promise<SourcePosition> {
    return currentPosition(this.#access, signal);
  }

  logHealth(signal: AbortSignal): Promise<LogHealth> {
    return withSession({ open: this.#access.openRoot }, signal, 'look at the redo logs', (root) =>
      readLogHealth(root, this.#access.settings, this.#progress.readAt),
    );
  }

  checksum(request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum> {
    return checksum(this.#access, request, signal);
  }

  rowDigests(request: ChecksumRequest, signal: AbortSignal): AsyncIterable<RowDigest> {
    return rowDigests(this.#access, request, signal);
  }

  fetchRows(request: FetchRequest, signal: AbortSignal): FetchedRows {
    return fetchRows(this.#access, request, signal);
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
