import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ChunkRows, Snapshot, TableSelection } from '../source-connector.ts';
import { requireSameStructure } from '../same-structure.ts';
import { ReplaceableReaders } from '../snapshot-readers.ts';
import type { MisfitPolicy } from '../source-definition.ts';
import { readChunk } from './chunk-read.ts';
import { planChunks } from './chunks.ts';
import { guarded, openSession, type Access, type Session } from './connection.ts';
import { replicatedTable, type Reading, type ReplicatedTable } from './describe.ts';
import { driverCode } from './errors.ts';
import { requireFilenode } from './server/rewrite-guard.ts';
import { readSourceTables } from './source-table.ts';
import { literal } from './sql.ts';
import { requireCondition } from './where.ts';

/** SQLSTATE for a snapshot that is not there, and in older versions for a name that is none. */
const UNDEFINED_OBJECT = '42704';
const INVALID_PARAMETER = '22023';

/** What a snapshot is made of: the server's name for it, and the connection that keeps it. */
export interface ExportedSnapshot {
  readonly name: string;
  readonly holder: Session;
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
}

export interface SnapshotContext {
  readonly access: Access;
  readonly misfits: (table: string) => MisfitPolicy;
  readonly reading: Reading;
}

/** A view of the database that many connections share; each read takes an idle one or opens another. */
export class PostgresSnapshot implements Snapshot {
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
  readonly #context: SnapshotContext;
  readonly #exported: ExportedSnapshot;
  readonly #readers: ReplaceableReaders<Session>;

  constructor(context: SnapshotContext, exported: ExportedSnapshot) {
    this.#context = context;
    this.#exported = exported;
    this.position = exported.position;
    this.takenAt = exported.takenAt;
    this.#readers = new ReplaceableReaders((signal) => openSession(context.access, signal));
  }

  async estimateRows(selection: TableSelection, signal: AbortSignal): Promise<number | null> {
    return this.#reading(selection, signal, async (session, table) => {
      const [row] = await session.rows(
        `WITH RECURSIVE parts(oid) AS (SELECT $1::oid UNION ALL SELECT i.inhrelid FROM parts JOIN pg_inherits i ON i.inhparent = parts.oid)
         SELECT sum(greatest(c.reltuples, 0))::bigint, bool_or(c.reltuples < 0 OR (c.reltuples = 0 AND c.relpages = 0 AND pg_relation_size(c.oid) > 0))
         FROM parts JOIN pg_class c ON c.oid = parts.oid WHERE c.relkind = 'r'`,
        [table.source.oid],
      );
      const [rows = null, isUnknown] = row ?? [];
      return rows === null || isUnknown === 't' ? null : Number(rows);
    });
  }

  async planChunks(
    selection: TableSelection,
    schema: TableSchema,
    bytes: number,
    signal: AbortSignal,
  ): Promise<ChunkRange[]> {
    return this.#reading(selection, signal, async (session, table) => {
      requireSameStructure(table, schema);
      await requireCondition(session, table);
      return planChunks(session, table, bytes);
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
      return await guarded(
        session,
        signal,
        `read ${id}`,
        async () => {
          const table = await this.#table(session, selection);
          requireSameStructure(table, schema);
          await requireFilenode(session, table);
          const misfits = this.#context.misfits(id);
          return readChunk(session, {
            table,
            range,
            misfits,
            signal,
            release: (reusable) => this.#release(session, reusable),
          });
        },
        id,
      );
    } catch (error) {
      this.#release(session, false);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#readers[Symbol.asyncDispose]();
    await this.#exported.holder[Symbol.asyncDispose]();
  }

  async #reading<T>(
    selection: TableSelection,
    signal: AbortSignal,
    work: (session: Session, table: ReplicatedTable) => Promise<T>,
  ): Promise<T> {
    const id = tableId(selection.table);
    const session = await this.#take(signal);
    let reusable = false;
    try {
      const result = await guarded(
        session,
        signal,
        `read ${id}`,
        async () => work(session, await this.#table(session, selection)),
        id,
      );
      reusable = true;
      return result;
    } finally {
      this.#release(session, reusable);
    }
  }

  async #table(session: Session, selection: TableSelection): Promise<ReplicatedTable> {
    const [source] = await readSourceTables(session, [selection.table]);
    if (source === undefined) throw new PenstockError('PS1005', tableId(selection.table));
    return replicatedTable(source, selection, this.#context.reading);
  }

  /** An idle reader, or a new one, in a transaction of its own with this snapshot's view. */
  async #take(signal: AbortSignal): Promise<Session> {
    this.#readers.requireOpen();
    if (this.#exported.holder.isBroken) {
      throw new PenstockError('PS2010', 'the connection that keeps the snapshot was lost');
    }
    const session = await this.#readers.take(signal);
    try {
      await guarded(session, signal, 'enter the snapshot', async () => {
        await session.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        await enterSnapshot(session, this.#exported.name);
      });
    } catch (error) {
      this.#readers.drop(session);
      throw error;
    }
    return session;
  }

  /** The transaction ends with each read, so that an ALTER TABLE at the source, and all who queue behind it, wait for a chunk at most. */
  #release(session: Session, reusable: boolean): void {
    if (!reusable || session.isBroken) {
      this.#readers.drop(session);
      return;
    }
    session.client.query('COMMIT').then(
      () => {
        this.#readers.give(session);
      },
      () => {
        this.#readers.drop(session);
      },
    );
  }
}

/** The server may know that the connection which keeps the snapshot is gone before this side does. @throws PenstockError PS2010 */
async function enterSnapshot(session: Session, name: string): Promise<void> {
  try {
    await session.client.query(`SET TRANSACTION SNAPSHOT ${literal(name)}`);
  } catch (cause) {
    const code = driverCode(cause);
    if (code !== UNDEFINED_OBJECT && code !== INVALID_PARAMETER) throw cause;
    throw new PenstockError('PS2010', 'the connection that keeps the snapshot was lost', { cause });
  }
}
