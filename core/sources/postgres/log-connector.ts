import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { SourcePosition } from '../../changes/position.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
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
import { lsnOf } from './lineage.ts';
import { listTables } from './list-tables.ts';
import { readLogHealth } from './log-health.ts';
import { openLogSnapshot } from './open-snapshot.ts';
import { checkLogReach, describeLogged, logHoldsGenerated, prepareLog, type LogNames } from './prepare.ts';
import { defaultObjectName, type PostgresSettings } from './settings.ts';
import { openLog } from './stream.ts';
import { teardownLog } from './server/teardown.ts';
import { planRanges } from './plan-ranges.ts';
import { fetchRows } from './fetch-rows.ts';
import { checksum, rowDigests } from './verify.ts';

/** Extract type Logs: a replication slot keeps the log, a publication says whose changes it hands out. */
export class PostgresLogConnector implements SourceConnector {
  readonly mode = 'log';
  readonly #context: ConnectorContext;
  readonly #access: Access;
  readonly #names: LogNames;
  /** The last place that was asked for: streams see to it that they reach it. */
  readonly #sought = { lsn: 0n };

  constructor(settings: PostgresSettings, context: ConnectorContext) {
    this.#context = context;
    this.#access = { settings, password: context.password };
    const name = defaultObjectName(context.pipeline);
    this.#names = { publication: settings.publication ?? name, slot: settings.slot ?? name };
  }

  check(tables: readonly TableSelection[], signal: AbortSignal): Promise<Finding[]> {
    return checkLog(this.#access, this.#names, tables, signal);
  }

  listTables(signal: AbortSignal): Promise<ListedTable[]> {
    return withSession(this.#access, signal, 'list tables', listTables);
  }

  async describeTables(tables: readonly TableSelection[], signal: AbortSignal): Promise<TableSchema[]> {
    const described = await withSession(this.#access, signal, 'describe tables', (session) =>
      describeLogged(session, this.#names, tables),
    );
    return described.map(({ schema }) => schema);
  }

  prepare(
    tables: readonly TableSelection[],
    known: SourcePosition | null,
    signal: AbortSignal,
    copiedAnew: ReadonlySet<string> = new Set(),
  ): Promise<SourcePosition> {
    return prepareLog(this.#access, this.#names, { tables, copiedAnew }, known, signal);
  }

  async openSnapshot(_request: SnapshotRequest, signal: AbortSignal): Promise<Snapshot> {
    const generatedColumns = await withSession(this.#access, signal, 'look at the publication', (session) =>
      logHoldsGenerated(session, this.#names),
    );
    const reading = { fromLog: true, generatedColumns };
    const context = { access: this.#access, misfits: this.#context.misfits, reading };
    return openLogSnapshot(context, this.#context, this.#names.slot, signal);
  }

  openStream(after: SourcePosition, tables: readonly TableSelection[], signal: AbortSignal): Promise<ChangeStream> {
    const { clock } = this.#context;
    return openLog({ access: this.#access, names: this.#names, clock, sought: this.#sought }, after, tables, signal);
  }

  checkReach(from: SourcePosition, signal: AbortSignal): Promise<void> {
    return checkLogReach(this.#access, this.#names, from, signal);
  }

  async currentPosition(signal: AbortSignal): Promise<SourcePosition> {
    const position = await currentLogPosition(this.#access, this.#names, this.#context.clock, signal);
    this.#sought.lsn = lsnOf(position);
    return position;
  }

  logHealth(signal: AbortSignal): Promise<LogHealth> {
    return withSession(this.#access, signal, 'look at the slot', (session) => readLogHealth(session, this.#names.slot));
  }

  checksum(request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum> {
    return checksum(this.#access, request, signal);
  }

  rowDigests(request: ChecksumRequest, signal: AbortSignal): AsyncIterable<RowDigest> {
    return rowDigests(this.#access, request, signal);
  }

  fetchRows(request: FetchRequest, signal: AbortSignal): FetchedRows {
    return fetchRows(this.#access, this.#context.clock, request, signal);
  }

  planRanges(
    selection: TableSelection,
    schema: TableSchema,
    bytes: number,
    signal: AbortSignal,
  ): Promise<ChunkRange[]> {
    return planRanges(this.#access, selection, schema, bytes, signal);
  }

  teardown(signal: AbortSignal): Promise<void> {
    return teardownLog(this.#access, this.#names, signal);
  }

  /** Every call has its own connections; nothing is kept. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
