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
import { checkCapture, checkTracking } from './check.ts';
import { currentCapturedPosition, currentTrackedPosition } from './current-position.ts';
import { fetchRows } from './fetch-rows.ts';
import { listTables } from './list-tables.ts';
import { readCaptureHealth, readTrackingHealth } from './log-health.ts';
import { openCapturedSnapshot, openTrackedSnapshot } from './open-snapshot.ts';
import { planRanges } from './plan-ranges.ts';
import {
  changeReading,
  checkCaptureReach,
  checkTrackingReach,
  describeTables,
  prepareCapture,
  prepareTracking,
} from './prepare.ts';
import { withSession, type Access } from './server/guarded.ts';
import { openCapture, openTracking } from './stream.ts';
import { checksum, rowDigests } from './verify.ts';

/** What change tracking and change data capture do differently. */
const WAYS = {
  changeTracking: {
    check: checkTracking,
    prepare: prepareTracking,
    checkReach: checkTrackingReach,
    openSnapshot: openTrackedSnapshot,
    openStream: openTracking,
    currentPosition: currentTrackedPosition,
    health: readTrackingHealth,
  },
  cdc: {
    check: checkCapture,
    prepare: prepareCapture,
    checkReach: checkCaptureReach,
    openSnapshot: openCapturedSnapshot,
    openStream: openCapture,
    currentPosition: currentCapturedPosition,
    health: readCaptureHealth,
  },
} as const;

/** Extract types changeTracking and cdc. */
export class SqlserverLogConnector implements SourceConnector {
  readonly mode = 'log';
  readonly #context: ConnectorContext;
  readonly #access: Access;
  readonly #way: (typeof WAYS)[keyof typeof WAYS];
  /** When the last position that was given out was reached at the source. */
  readonly #progress: { readAt: Timestamp | null } = { readAt: null };

  constructor(access: Access, way: keyof typeof WAYS, context: ConnectorContext) {
    this.#context = context;
    this.#access = access;
    this.#way = WAYS[way];
  }

  check(tables: readonly TableSelection[], signal: AbortSignal): Promise<Finding[]> {
    return this.#way.check(this.#access, tables, signal);
  }

  listTables(signal: AbortSignal): Promise<ListedTable[]> {
    return withSession(this.#access, signal, 'list tables', listTables);
  }

  async describeTables(tables: readonly TableSelection[], signal: AbortSignal): Promise<TableSchema[]> {
    const described = await withSession(this.#access, signal, 'describe tables', (session) =>
      describeTables(session, tables, changeReading(this.#access)),
    );
    return described.map(({ schema }) => schema);
  }

  prepare(
    tables: readonly TableSelection[],
    known: SourcePosition | null,
    signal: AbortSignal,
    copiedAnew: ReadonlySet<string> = new Set(),
  ): Promise<SourcePosition> {
    return this.#way.prepare(this.#access, tables, known, signal, copiedAnew);
  }

  openSnapshot(request: SnapshotRequest, signal: AbortSignal): Promise<Snapshot> {
    const access = this.#access;
    const { misfits } = this.#context;
    const describe: Parameters<typeof openTrackedSnapshot>[0]['describe'] = (session, tables) =>
      describeTables(session, tables, changeReading(access));
    return this.#way.openSnapshot({ access, misfits, describe }, request, signal);
  }

  openStream(after: SourcePosition, tables: readonly TableSelection[], signal: AbortSignal): Promise<ChangeStream> {
    const context = { access: this.#access, clock: this.#context.clock, progress: this.#progress };
    return this.#way.openStream(context, after, tables, signal);
  }

  checkReach(from: SourcePosition, signal: AbortSignal): Promise<void> {
    return this.#way.checkReach(this.#access, from, signal);
  }

  currentPosition(signal: AbortSignal): Promise<SourcePosition> {
    return this.#way.currentPosition(this.#access, signal);
  }

  logHealth(signal: AbortSignal): Promise<LogHealth> {
    return withSession(this.#access, signal, 'look at the changes that are kept', (session) =>
      this.#way.health(session, this.#progress.readAt),
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

  /** Every call has its own sessions; nothing is kept. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
