import type { ChunkRange } from '../../changes/copy-mark.ts';
import { tableId } from '../../changes/table-name.ts';
import { readUntilAbort } from '../abort.ts';
import { CodedLines } from '../coded-lines.ts';
import { Misfits } from '../misfits.ts';
import type { ChunkRows } from '../source-connector.ts';
import type { MisfitPolicy } from '../source-definition.ts';
import { rangeConditions } from './chunks.ts';
import { outputsOf, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import type { Session } from './server/session.ts';
import type { Statement } from './statements/statement.ts';

export interface ChunkRequest {
  readonly table: ReplicatedTable;
  readonly range: ChunkRange;
  /** The SCN at which rows are read; null: now. */
  readonly asOf: string | null;
  readonly misfits: MisfitPolicy;
  readonly signal: AbortSignal;
  /** Called once when the session is free again; not reusable when a read was left unfinished. */
  readonly release: (reusable: boolean) => void;
}

/** Reads a chunk as bytes to load. */
export function readChunk(session: Session, request: ChunkRequest): ChunkRows {
  const { table, range, asOf, misfits: policy, signal, release } = request;
  const id = tableId(table.schema.table);
  const misfits = new Misfits(id, policy);
  const lines = new CodedLines(table, (misfit) => {
    misfits.add(misfit);
  });
  const read = async function* (): AsyncGenerator<Buffer> {
    for await (const rows of session.read(selectRows(table, range, asOf))) {
      for (const row of rows) lines.add(row);
      const loadable = lines.take();
      if (loadable.length > 0) yield loadable;
    }
  };
  const bytes = readUntilAbort(session, signal, read, (error) => sourceError(error, `read ${id}`, id), release);
  return { bytes, summary: () => ({ rows: lines.rows, misfits: misfits.rows }) };
}

/** The rows of a chunk in output text, the columns in the schema's order. */
export function selectRows(table: ReplicatedTable, range: ChunkRange, asOf: string | null): Statement {
  return {
    tag: 'rows',
    table: table.schema.table,
    asOf,
    columns: outputsOf(table),
    conditions: rangeConditions(table, range),
    orderBy: null,
  };
}
