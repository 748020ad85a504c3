import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
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
  readonly #idle: Session[];
  readonly #all: Set<Session>;
  readonly #waiting: (() => void)[] = [];
  /** Looks at structures and plans, outside the view; opened when the first is asked for. */
  #side: Promise<Session> | null = null;
  #isClosed = false;

  constructor(context: SnapshotContext, view: SharedView) {
    this.#context = context;
    this.#idle = [...view.readers];
    this.#all = new Set(view.readers);
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
    const session = await this.#take(signal);
    try {
      await guarded(session, signal, `read ${id}`, () => session.run('SAVEPOINT chunk'), id);
    } catch (error) {
      this.#release(session, false);
      throw error;
    }
    const misfits = this.#context.misfits(id);
    return readChunk(session, {
      table,
      range,
      misfits,
      signal,
      release: (reusable) => this.#release(session, reusable),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#wakeAll();
    const side = await this.#side?.catch(() => null);
    await Promise.all(
      [...this.#all, ...(side === null || side === undefined ? [] : [side])].map((session) =>
        session[Symbol.asyncDispose](),
      ),
    );
  }

  async #aside<T>(
    selection: TableSelection,
    signal: AbortSignal,
    work: (session: Session, table: ReplicatedTable) => Promise<T>,
  ): Promise<T> {
    const id = tableId(selection.table);
    const session = await this.#sideSession(signal);
    return guarded(session, signal, `read ${id}`, async () => work(session, await this.#table(session, selection)), id);
  }

  async #sideSession(signal: AbortSignal): Promise<Session> {
    const present = await this.#side?.catch(() => null);
    if (present !== null && present?.isBroken === false) return present;
    this.#requireOpen();
    this.#side = openSession(this.#context.access, signal);
    return this.#side;
  }

  async #table(session: Session, selection: TableSelection): Promise<ReplicatedTable> {
    const [source] = await readSourceTables(session, [selection.table]);
    if (source === undefined) throw new PenstockError('PS1005', tableId(selection.table));
    return replicatedTable(source, selection, this.#context.reading(session));
  }

  /** Waits for a reader that is free. @throws PenstockError PS2010 when none is left */
  async #take(signal: AbortSignal): Promise<Session> {
    const wake = () => {
      this.#wakeAll();
    };
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        this.#requireOpen();
        const session = this.#idle.pop();
        if (session?.isBroken === false) return session;
        if (session !== undefined) this.#all.delete(session);
        else if (this.#all.size === 0)
          throw new PenstockError('PS2010', 'the connections that hold the snapshot were lost');
        else await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new PenstockError('PS9001', 'the snapshot is closed');
  }

  /**
   * Going back to the savepoint lets go of the table, but not of the view: an ALTER TABLE at the source, and all who queue behind it,
   * wait for a chunk at most (as mysqldump --single-transaction does).
   */
  #release(session: Session, reusable: boolean): void {
    if (!reusable || session.isBroken || this.#isClosed) {
      this.#drop(session);
      return;
    }
    session.run('ROLLBACK TO SAVEPOINT chunk').then(
      () => {
        this.#idle.push(session);
        this.#wakeAll();
      },
      () => {
        this.#drop(session);
      },
    );
  }

  #drop(session: Session): void {
    session.destroy();
    this.#all.delete(session);
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
