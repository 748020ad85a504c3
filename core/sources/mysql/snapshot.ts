import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { SideSession, SnapshotReaders } from '../snapshot-readers.ts';
import type { ChunkRows, Snapshot, TableSelection } from '../source-connector.ts';
import { requireSameStructure } from '../same-structure.ts';
import type { MisfitPolicy } from '../source-definition.ts';
import { readChunk } from './chunk-read.ts';
import { planChunks, sizeOf } from './chunks.ts';
import { guarded, openSession, type Access, type Session } from './connection.ts';
import { replicatedTable, type Reading, type ReplicatedTable } from './describe.ts';
import { readSourceTables } from './source-table.ts';
import { requireCondition } from './where.ts';

export interface SnapshotContext {
  readonly access: Access;
  readonly misfits: (table: string) => MisfitPolicy;
  readonly reading: (session: Session) => Reading;
}

/** What a snapshot is made of: connections that each have the same view, in a transaction of their own. */
export interface SharedView {
  readonly readers: readonly Session[];
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
}

/**
 * A view of the database on several connections. MySQL has no name for a view that others could enter, so all connections
 * were opened at one moment; a read waits until one of them is free, and a lost one is not replaced.
 */
export class MysqlSnapshot implements Snapshot {
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
  readonly #context: SnapshotContext;
  readonly #readers: SnapshotReaders<Session>;
  /** Looks at structures and plans, outside the view. */
  readonly #side: SideSession<Session>;

  constructor(context: SnapshotContext, view: SharedView) {
    this.#context = context;
    this.#readers = new SnapshotReaders(view.readers);
    this.#side = new SideSession((signal) => openSession(context.access, signal));
    this.position = view.position;
    this.takenAt = view.takenAt;
  }

  estimateRows(selection: TableSelection, signal: AbortSignal): Promise<number | null> {
    return this.#aside(selection, signal, async (session, table) => (await sizeOf(session, table)).rows);
  }

  planChunks(
    selection: TableSelection,
    schema: TableSchema,
    bytes: number,
    signal: AbortSignal,
  ): Promise<ChunkRange[]> {
    return this.#aside(selection, signal, async (session, table) => {
      requireSameStructure(table, schema);
      await requireCondition(session, table);
      return planChunks(session, table, bytes);
    });
  }

  /** A table that was altered since the snapshot is refused by the server itself (error 1412 → PS2012). */
  async readChunk(
    selection: TableSelection,
    schema: TableSchema,
    range: ChunkRange,
    signal: AbortSignal,
  ): Promise<ChunkRows> {
    const id = tableId(selection.table);
    const table = await this.#aside(selection, signal, (_, found) => Promise.resolve(found));
    requireSameStructure(table, schema);
    const session = await this.#readers.take(signal);
    try {
      await guarded(session, signal, `read ${id}`, () => session.run('SAVEPOINT chunk'), id);
    } catch (error) {
      this.#readers.drop(session);
      throw error;
    }
    const misfits = this.#context.misfits(id);
    return readChunk(session, {
      table,
      range,
      misfits,
      signal,
      release: (isWhole) => this.#release(session, isWhole),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#readers[Symbol.asyncDispose](), this.#side[Symbol.asyncDispose]()]);
  }

  #aside<T>(
    selection: TableSelection,
    signal: AbortSignal,
    work: (session: Session, table: ReplicatedTable) => Promise<T>,
  ): Promise<T> {
    const id = tableId(selection.table);
    return this.#side.run(signal, (session) =>
      guarded(session, signal, `read ${id}`, async () => work(session, await this.#table(session, selection)), id),
    );
  }

  async #table(session: Session, selection: TableSelection): Promise<ReplicatedTable> {
    const [source] = await readSourceTables(session, [selection.table]);
    if (source === undefined) throw new PenstockError('PS1005', tableId(selection.table));
    return replicatedTable(source, selection, this.#context.reading(session));
  }

  /**
   * Going back to the savepoint lets go of the table, but not of the view: an ALTER TABLE at the source, and all who queue behind it,
   * wait for a chunk at most (as mysqldump --single-transaction does).
   */
  #release(session: Session, isWhole: boolean): void {
    if (!isWhole || session.isBroken) {
      this.#readers.drop(session);
      return;
    }
    session.run('ROLLBACK TO SAVEPOINT chunk').then(
      () => {
        this.#readers.give(session);
      },
      () => {
        this.#readers.drop(session);
      },
    );
  }
}
