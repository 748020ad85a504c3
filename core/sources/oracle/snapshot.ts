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

/** A state of the database, which every session can read by its SCN. */
export interface SharedView {
  readonly scn: string;
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
}

/**
 * A state of the database at an SCN, read by flashback queries: any session can, so that a lost one is replaced. It lasts as long as the server
 * keeps the undo (ORA-01555 → PS2012), and no table may be altered meanwhile (ORA-01466 → PS2012).
 */
export class OracleSnapshot implements Snapshot {
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
  readonly #context: SnapshotContext;
  readonly #scn: string;
  readonly #idle: Session[] = [];
  readonly #all = new Set<Session>();
  #isClosed = false;

  constructor(context: SnapshotContext, { scn, position, takenAt }: SharedView) {
    this.#context = context;
    this.#scn = scn;
    this.position = position;
    this.takenAt = takenAt;
  }

  estimateRows(selection: TableSelection, signal: AbortSignal): Promise<number | null> {
    return this.#looking(selection, signal, async (session, table) => (await sizeOf(session, table)).rows);
  }

  planChunks(
    selection: TableSelection,
    schema: TableSchema,
    bytes: number,
    signal: AbortSignal,
  ): Promise<ChunkRange[]> {
    return this.#looking(selection, signal, async (session, table) => {
      requireSameStructure(table, schema);
      await requireCondition(session, table);
      return planChunks(session, table, bytes, this.#scn);
    });
  }

  async readChunk(
    selection: TableSelection,
    schema: TableSchema,
    range: ChunkRange,
    signal: AbortSignal,
  ): Promise<ChunkRows> {
    const id = tableId(selection.table);
    const session = await this.#take(signal);
    try {
      const table = await this.#described(session, selection, signal, (_, found) => Promise.resolve(found));
      requireSameStructure(table, schema);
      const release = (isReusable: boolean) => this.#release(session, isReusable);
      return readChunk(session, {
        table,
        range,
        asOf: this.#scn,
        misfits: this.#context.misfits(id),
        signal,
        release,
      });
    } catch (error) {
      this.#release(session, true);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((session) => session[Symbol.asyncDispose]()));
  }

  async #looking<T>(
    selection: TableSelection,
    signal: AbortSignal,
    work: (session: Session, table: ReplicatedTable) => Promise<T>,
  ): Promise<T> {
    const session = await this.#take(signal);
    try {
      return await this.#described(session, selection, signal, work);
    } finally {
      this.#release(session, true);
    }
  }

  #described<T>(
    session: Session,
    selection: TableSelection,
    signal: AbortSignal,
    work: (session: Session, table: ReplicatedTable) => Promise<T>,
  ): Promise<T> {
    const id = tableId(selection.table);
    const described = async () => {
      const [table] = await this.#context.describe(session, [selection]);
      if (table === undefined) throw new PenstockError('PS1005', id, { table: id });
      return work(session, table);
    };
    return guarded(session, signal, `read ${id}`, described, id);
  }

  /** As many sessions are opened as are in use at once. */
  async #take(signal: AbortSignal): Promise<Session> {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (!session.isBroken) return session;
      this.#all.delete(session);
    }
    this.#requireOpen();
    const session = await this.#context.access.open(signal);
    if (this.#isClosed) session.destroy();
    this.#requireOpen();
    this.#all.add(session);
    return session;
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new PenstockError('PS9001', 'the snapshot is closed');
  }

  #release(session: Session, isReusable: boolean): void {
    if (isReusable && !session.isBroken && !this.#isClosed) {
      this.#idle.push(session);
      return;
    }
    session.destroy();
    this.#all.delete(session);
  }
}
