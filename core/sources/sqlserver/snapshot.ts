import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { requireSameStructure } from '../same-structure.ts';
import { SideSession, SnapshotReaders } from '../snapshot-readers.ts';
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
  readonly #readers: SnapshotReaders<Session>;
  /** Looks at structures and plans, outside the state. */
  readonly #side: SideSession<Session>;

  constructor(context: SnapshotContext, view: SharedView) {
    this.#context = context;
    this.#readers = new SnapshotReaders(view.readers);
    this.#side = new SideSession((signal) => context.access.open(signal));
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
    const session = await this.#readers.take(signal);
    const misfits = this.#context.misfits(id);
    return readChunk(session, {
      table,
      range,
      misfits,
      signal,
      // A session whose transaction the server ended by an error has lost the state: only one that read all is used again.
      release: (isWhole) => {
        if (isWhole) this.#readers.give(session);
        else this.#readers.drop(session);
      },
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
    return this.#side.run(signal, (session) => {
      const described = async () => {
        const [table] = await this.#context.describe(session, [selection]);
        if (table === undefined) throw new PenstockError('PS1005', id, { table: id });
        return work(session, table);
      };
      return guarded(session, signal, `read ${id}`, described, id);
    });
  }
}
