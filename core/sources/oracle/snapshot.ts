import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { requireSameStructure } from '../same-structure.ts';
import { ReplaceableReaders } from '../snapshot-readers.ts';
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
  readonly #readers: ReplaceableReaders<Session>;

  constructor(context: SnapshotContext, { scn, position, takenAt }: SharedView) {
    this.#context = context;
    this.#scn = scn;
    this.position = position;
    this.takenAt = takenAt;
    this.#readers = new ReplaceableReaders(context.access.open);
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
    const session = await this.#readers.take(signal);
    try {
      const table = await this.#described(session, selection, signal, (_, found) => Promise.resolve(found));
      requireSameStructure(table, schema);
      const release = (isReusable: boolean) => {
        if (isReusable) this.#readers.give(session);
        else this.#readers.drop(session);
      };
      return readChunk(session, {
        table,
        range,
        asOf: this.#scn,
        misfits: this.#context.misfits(id),
        signal,
        release,
      });
    } catch (error) {
      this.#readers.give(session);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#readers[Symbol.asyncDispose]();
  }

  async #looking<T>(
    selection: TableSelection,
    signal: AbortSignal,
    work: (session: Session, table: ReplicatedTable) => Promise<T>,
  ): Promise<T> {
    const session = await this.#readers.take(signal);
    try {
      return await this.#described(session, selection, signal, work);
    } finally {
      this.#readers.give(session);
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
}
