import type { ChunkRange } from '../../changes/copy-mark.ts';
import { fetchKey } from '../../changes/row-key.ts';
import { tableId } from '../../changes/table-name.ts';
import { CodedLines } from '../coded-lines.ts';
import { readUntilAbort } from '../abort.ts';
import { Misfits } from '../misfits.ts';
import { canonicalRow, columnDecoders } from '../row-decoder.ts';
import type { ChunkRows, MisfitRow } from '../source-connector.ts';
import type { MisfitPolicy } from '../source-definition.ts';
import type { Session } from './connection.ts';
import type { ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { LineWriter, type LineMisfit } from './wire/line-writer.ts';
import { ResultRows } from './wire/result-rows.ts';
import { selectRows } from './row-sql.ts';

export interface ChunkRequest {
  readonly table: ReplicatedTable;
  readonly range: ChunkRange;
  readonly misfits: MisfitPolicy;
  readonly signal: AbortSignal;
  /** Called once when the session is free again; not reusable when a read was left unfinished. */
  readonly release: (reusable: boolean) => void;
}

/** Reads a chunk as bytes to load. Tables with a changed type or without a key, whose lines begin with a hash, go through code. */
export function readChunk(session: Session, request: ChunkRequest): ChunkRows {
  const { table } = request;
  const isCoded = table.schema.identity.tag === 'row' || table.columns.some(({ change }) => change !== null);
  return isCoded ? codedRows(session, request) : plainRows(session, request);
}

function plainRows(session: Session, request: ChunkRequest): ChunkRows {
  const { table, range, misfits: policy } = request;
  const misfits = new Misfits(tableId(table.schema.table), policy);
  const lines = new LineWriter(table);
  const bytes = abortable(session, request, async function* () {
    const rows = new ResultRows(session, selectRows(table, range));
    while (await rows.more()) {
      while (rows.next()) {
        const misfit = lines.add(rows);
        if (misfit !== null) misfits.add(misfitOf(table, misfit, rows.values()));
        if (lines.isFull) yield lines.take();
      }
    }
    yield lines.take();
  });
  return { bytes, summary: () => ({ rows: lines.rows, misfits: misfits.rows }) };
}

function codedRows(session: Session, request: ChunkRequest): ChunkRows {
  const { table, range, misfits: policy } = request;
  const misfits = new Misfits(tableId(table.schema.table), policy);
  const lines = new CodedLines(table, (misfit) => {
    misfits.add(misfit);
  });
  const bytes = abortable(session, request, async function* () {
    const rows = new ResultRows(session, selectRows(table, range));
    while (await rows.more()) {
      while (rows.next()) lines.add(rows.values());
      const loadable = lines.take();
      if (loadable.length > 0) yield loadable;
    }
  });
  return { bytes, summary: () => ({ rows: lines.rows, misfits: misfits.rows }) };
}

/** Few rows come here: the key is found by reading the row once more. */
function misfitOf(table: ReplicatedTable, misfit: LineMisfit, outputs: readonly (string | null)[]): MisfitRow {
  const { values } = canonicalRow(columnDecoders(table), outputs);
  return { ...misfit, row: rowOf(table, outputs), key: fetchKey(table.schema, values, misfit.column) };
}

function rowOf(table: ReplicatedTable, values: readonly (string | null)[]): Record<string, string | null> {
  return Object.fromEntries(table.columns.map(({ column }, index) => [column.name, values[index] ?? null]));
}

/** Ends the read when the signal aborts or the consumer leaves early, and gives the session back. */
function abortable(
  session: Session,
  { signal, table, release }: ChunkRequest,
  read: () => AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  const id = tableId(table.schema.table);
  return readUntilAbort(session, signal, read, (error) => sourceError(error, `read ${id}`, id), release);
}
