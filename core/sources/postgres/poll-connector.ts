import type { SourcePosition } from '../../changes/position.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type {
  ChangeStream,
  ChecksumRequest,
  ChunkChecksum,
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
import { checkCopies } from './check.ts';
import { checkPolls } from './check-polls.ts';
import { withSession, type Access, type Session } from './connection.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { clusterBySql, lineageOf, requireLineage } from './lineage.ts';
import { listTables } from './list-tables.ts';
import { openPlainSnapshot } from './open-snapshot.ts';
import { pollColumnOf } from './poll-column.ts';
import { currentMarks, PollStream } from './poll-stream.ts';
import type { PostgresSettings } from './settings.ts';
import { SilentStream } from '../silent-stream.ts';
import { timePosition } from '../poll-position.ts';
import { sourceMicroseconds } from './source-time.ts';
import { readSourceTables } from './source-table.ts';
import { checksum, rowDigests } from './verify.ts';

const READING = { fromLog: false, generatedColumns: true } as const;
const READER = 'copies';

/** Extract types Full Extracts and Timestamps: nothing is kept at the source, no right but SELECT is needed. */
export class PostgresPollConnector implements SourceConnector {
  readonly mode: 'full' | 'timestamps';
  readonly #context: ConnectorContext;
  readonly #access: Access;

  constructor(settings: PostgresSettings, context: ConnectorContext) {
    this.mode = settings.extractType === 'timestamps' ? 'timestamps' : 'full';
    this.#context = context;
    this.#access = { settings, password: context.password };
  }

  check(tables: readonly TableSelection[], signal: AbortSignal): Promise<Finding[]> {
    if (this.mode === 'full') return checkCopies(this.#access, tables, signal);
    return checkCopies(this.#access, tables, signal, (session) => checkPolls(session, tables, this.#access.settings));
  }

  listTables(signal: AbortSignal): Promise<ListedTable[]> {
    return withSession(this.#access, signal, 'list tables', listTables);
  }

  async describeTables(tables: readonly TableSelection[], signal: AbortSignal): Promise<TableSchema[]> {
    const described = await withSession(this.#access, signal, 'describe tables', (session) =>
      this.#describe(session, tables),
    );
    return described.map(({ schema }) => schema);
  }

  prepare(
    tables: readonly TableSelection[],
    known: SourcePosition | null,
    signal: AbortSignal,
  ): Promise<SourcePosition> {
    return withSession(this.#access, signal, 'prepare', async (session) => {
      const lineage = lineageOf(await clusterBySql(session), READER);
      const described = await this.#describe(session, tables);
      if (known !== null) {
        requireLineage(known, lineage);
        return known;
      }
      const microseconds = await sourceMicroseconds(session);
      const marks = this.mode === 'full' ? {} : await currentMarks(session, described, this.#access);
      return timePosition(lineage, microseconds, marks);
    });
  }

  openSnapshot(_request: SnapshotRequest, signal: AbortSignal): Promise<Snapshot> {
    const context = { access: this.#access, misfits: this.#context.misfits, reading: READING };
    return openPlainSnapshot(context, this.#context, READER, signal);
  }

  async openStream(
    after: SourcePosition,
    tables: readonly TableSelection[],
    signal: AbortSignal,
  ): Promise<ChangeStream> {
    const lineage = await withSession(this.#access, signal, 'identify the server', async (session) =>
      lineageOf(await clusterBySql(session), READER),
    );
    requireLineage(after, lineage);
    if (this.mode === 'full') return new SilentStream(signal);
    return new PollStream({ access: this.#access, clock: this.#context.clock }, after, tables, signal);
  }

  currentPosition(signal: AbortSignal): Promise<SourcePosition> {
    return withSession(this.#access, signal, 'ask the time', async (session) =>
      timePosition(lineageOf(await clusterBySql(session), READER), await sourceMicroseconds(session)),
    );
  }

  logHealth(): Promise<LogHealth> {
    return Promise.resolve({ retainedBytes: null, headroomBytes: null, expiresAt: null });
  }

  checksum(request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum> {
    return checksum(this.#access, request, signal);
  }

  rowDigests(request: ChecksumRequest, signal: AbortSignal): AsyncIterable<RowDigest> {
    return rowDigests(this.#access, request, signal);
  }

  teardown(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #describe(session: Session, tables: readonly TableSelection[]): Promise<ReplicatedTable[]> {
    const sources = await readSourceTables(
      session,
      tables.map(({ table }) => table),
    );
    return sources.flatMap((source, index) => {
      const selection = tables[index];
      if (selection === undefined) return [];
      const table = replicatedTable(source, selection, READING);
      if (this.mode === 'timestamps') pollColumnOf(table, this.#access.settings);
      return [table];
    });
  }
}
