import type { ChunkRange } from '../../changes/copy-mark.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { CodedLines } from '../coded-lines.ts';
import { readUntilAbort } from '../abort.ts';
import { Misfits, MOST_MISFITS } from '../misfits.ts';
import type { ChunkRows, MisfitRow } from '../source-connector.ts';
import type { MisfitPolicy } from '../source-definition.ts';
import { CopyOut } from './wire/copy-out.ts';
import { loadableBytes } from './wire/copy-text.ts';
import type { Session } from './connection.ts';
import type { ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { parseLine } from './wire/output-line.ts';
import { copyColumns, fitCondition, outputColumns, rangeCondition, rowHashSql } from './row-sql.ts';
import { qualified } from './sql.ts';

export interface ChunkRequest {
  readonly table: ReplicatedTable;
  readonly range: ChunkRange;
  readonly misfits: MisfitPolicy;
  readonly signal: AbortSignal;
  /** Called once when the session is free again; not reusable when a read was left unfinished. */
  readonly release: (reusable: boolean) => void;
}

/**
 * Reads a chunk as bytes to load. Where values can be out of their type's range, a first look finds the rows that do not fit:
 * it reads pages that the copy reads again at once, and prints nothing.
 */
export async function readChunk(session: Session, request: ChunkRequest): Promise<ChunkRows> {
  const { table } = request;
  if (table.columns.some(({ change }) => change !== null)) return convertedRows(session, request);
  const misfits = await findMisfits(session, request);
  return plainRows(session, request, misfits);
}

function plainRows(session: Session, request: ChunkRequest, misfits: readonly MisfitRow[]): ChunkRows {
  const { table, range } = request;
  const isRow = table.schema.identity.tag === 'row';
  const columns = [...(isRow ? [rowHashSql(table, session.isUtf8)] : []), ...copyColumns(table)];
  const fit = misfits.length === 0 ? null : fitCondition(table);
  const condition = [rangeCondition(table, range), ...(fit === null ? [] : [fit])].join(' AND ');
  const copy = new CopyOut(copyStatement(table, columns, condition));
  const bytes = abortable(session, request, async function* () {
    session.client.query(copy);
    yield* loadableBytes(copy);
  });
  return { bytes, summary: () => ({ rows: copy.rowCount, misfits }) };
}

/** Tables with a changed type: code looks at every line. */
function convertedRows(session: Session, request: ChunkRequest): ChunkRows {
  const { table, range, misfits: policy } = request;
  const copy = new CopyOut(copyStatement(table, outputColumns(table), rangeCondition(table, range)));
  const misfits = new Misfits(tableId(table.schema.table), policy);
  const lines = new CodedLines(table, (misfit) => {
    misfits.add(misfit);
  });
  const bytes = abortable(session, request, async function* () {
    session.client.query(copy);
    while (await copy.more()) {
      while (copy.next()) lines.add(currentLine(copy));
      const loadable = lines.take();
      if (loadable.length > 0) yield loadable;
    }
  });
  return { bytes, summary: () => ({ rows: lines.rows, misfits: misfits.rows }) };
}

/** The rows of the chunk that do not fit. @throws PenstockError PS4004 when the policy is to stop */
async function findMisfits(session: Session, { table, range, misfits: policy }: ChunkRequest): Promise<MisfitRow[]> {
  const fit = fitCondition(table);
  if (fit === null) return [];
  const limit = policy === 'stop' ? 1 : MOST_MISFITS + 1;
  const condition = `${rangeCondition(table, range)} AND NOT (${fit})`;
  const copy = new CopyOut(copyStatement(table, outputColumns(table), condition, limit));
  const misfits = new Misfits(tableId(table.schema.table), policy);
  const lines = new CodedLines(table, (misfit) => {
    misfits.add(misfit);
  });
  session.client.query(copy);
  while (await copy.more()) {
    while (copy.next()) lines.add(currentLine(copy));
    lines.take();
  }
  if (misfits.rows.length !== copy.rowCount) {
    throw new PenstockError('PS9001', `${tableId(table.schema.table)}: SQL and code judge differently what fits`);
  }
  return misfits.rows;
}

function currentLine(copy: CopyOut): (string | null)[] {
  return parseLine(copy.buffer.toString('utf8', copy.start, copy.end - 1));
}

function copyStatement(
  table: ReplicatedTable,
  columns: readonly string[],
  condition: string,
  limit: number | null = null,
): string {
  const rows = `SELECT ${columns.join(', ')} FROM ${qualified(table.schema.table)} WHERE ${condition}`;
  return `COPY (${rows}${limit === null ? '' : ` LIMIT ${limit}`}) TO STDOUT`;
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
