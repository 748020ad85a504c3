import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { requireSameStructure } from '../same-structure.ts';
import type { ChunkRows, Snapshot, TableSelection } from '../source-connector.ts';
import type { MisfitPolicy } from '../source-definition.ts';
import { readChunk } from './chunk-read.ts';
import { planChunks, sizeOf } from './chunks.ts';
import type { ReplicatedTable } from './describe.ts';
import { guarded, type Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { requireCondition } from './where.ts';

export interface SnapshotContext {
  readonly access: Access;
  readonly misfits: (table: string) => MisfitPolicy;
  /** Tables with the structure in which they are copied now. */
  readonly describe: (session: Session, selections: readonly TableSelection[]) => Promise<ReplicatedTable[]>;
}

/** What a snapshot is made of: sessions that each have the same state, in a transaction of their own. */
export interface SharedView {
  readonly readers: readonly Session[];
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
}

/**
 * A state of the database on several sessions. SQL Server has no name for a state that others could enter, so all were begun at one
 * moment; a read waits until one of them is free, and a lost one is not replaced.
 */
export class SqlserverSnapshot implements Snapshot {
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
  readonly #context: SnapshotContext;
  readonly #idle: Session[];
  readonly #all: Set<Session>;
  readonly #waiting: (() => void)[] = [];
  /** Looks at structures and plans, outside the state; opened when the first is asked for. */
  #side: Promise<Session> | null = null;
  /** Ends when nobody looks aside any more: a session runs one statement at a time. Never rejects. */
  #asides: Promise<unknown> = Promise.resolve();
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

  /** A table that was altered since the snapshot is refused by the server itself (error 3961 → PS2012). */
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
    const misfits = this.#context.misfits(id);
    return readChunk(session, {
      table,
      range,
      misfits,
      signal,
      release: (reusable) => {
        this.#release(session, reusable);
      },
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

  #aside<T>(
    selection: TableSelection,
    signal: AbortSignal,
    work: (session: Session, table: ReplicatedTable) => Promise<T>,
  ): Promise<T> {
    const looked = this.#asides.then(() => this.#look(selection, signal, work));
    this.#asides = looked.catch(() => undefined);
    return looked;
  }

  async #look<T>(
    selection: TableSelection,
    signal: AbortSignal,
    work: (session: Session, table: ReplicatedTable) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const id = tableId(selection.table);
    const session = await this.#sideSession(signal);
    const described = async () => {
      const [table] = await this.#context.describe(session, [selection]);
      if (table === undefined) throw new PenstockError('PS1005', id, { table: id });
      return work(session, table);
    };
    return guarded(session, signal, `read ${id}`, described, id);
  }

  async #sideSession(signal: AbortSignal): Promise<Session> {
    const present = await this.#side?.catch(() => null);
    if (present !== null && present?.isBroken === false) return present;
    this.#requireOpen();
    this.#side = this.#context.access.open(signal);
    return this.#side;
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

  /** A session whose transaction the server ended by an error has lost the state: only one that read all is used again. */
  #release(session: Session, reusable: boolean): void {
    if (reusable && !session.isBroken && !this.#isClosed) this.#idle.push(session);
    else {
      session.destroy();
      this.#all.delete(session);
    }
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
