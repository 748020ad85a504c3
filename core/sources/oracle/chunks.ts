import type { ColumnType } from '../../changes/column-type.ts';
import { keyOrderOf, type ChunkRange } from '../../changes/copy-mark.ts';
import { keyRanges } from '../key-ranges.ts';
import { allRows, oneRow } from '../session.ts';
import { primaryKeyOf, typedColumn, type ReplicatedTable } from './describe.ts';
import { isRefused } from './errors.ts';
import type { Session } from './server/session.ts';
import type { SourceColumn } from './source-table.ts';
import type { RowCondition } from './statements/columns.ts';

const WHOLE: readonly ChunkRange[] = [{ tag: 'whole' }];
/** A table of up to so many chunks' size is not worth cutting. */
const SMALL = 1.5;
const MOST_CHUNKS = 10_000;

/** Null: the server has no statistics of the table. */
export interface TableSize {
  readonly bytes: number | null;
  readonly rows: number | null;
}

/** Before the ROWID of any row. */
const FIRST_ROW_ID = 'AAAAAAAAAAAAAAAAAA';

/** Some rows' places: the first ROWID that could be among them. */
interface Extent {
  readonly from: string;
  readonly bytes: number;
}

/**
 * Cuts a table into chunks of about `bytes` bytes by where its rows are kept: ranges of ROWIDs, of one extent or several neighbours. An index-organised table,
 * and one whose extents the user may not see, is cut by its key.
 */
export async function planChunks(
  session: Session,
  table: ReplicatedTable,
  bytes: number,
  asOf: string | null,
): Promise<ChunkRange[]> {
  if (table.source.kind === 'heap') {
    const extents = await readExtents(session, table);
    if (extents !== null) return rowIdRanges(extents, bytes);
  }
  return planKeyRanges(session, table, bytes, asOf);
}

/** Ranges of a whole number or a time in the key, which both sides can tell; the whole where there is none. */
export async function planKeyRanges(
  session: Session,
  table: ReplicatedTable,
  bytes: number,
  asOf: string | null,
): Promise<ChunkRange[]> {
  const size = await sizeOf(session, table);
  const column = primaryKeyOf(table.source)[0];
  if (column === undefined || size.bytes === null || size.rows === null) return [...WHOLE];
  const order = resumableOrder(table, column);
  if (order === null || size.bytes <= bytes * SMALL || size.rows === 0) return [...WHOLE];
  const count = Math.min(MOST_CHUNKS, Math.ceil(size.bytes / bytes));
  const every = Math.max(1, Math.ceil(size.rows / count));
  const statement = { tag: 'boundaries', table: table.schema.table, asOf, column: typedColumn(column), every } as const;
  const decode = table.columns.find(({ source }) => source.name === column.name)?.reading.decode ?? null;
  const boundaries = (await allRows(session, statement)).map(([text]) => {
    const output = text ?? '';
    return decode === null ? output : (decode(output) ?? '');
  });
  // The first of equal neighbours, which a composite key's first column has.
  const different = boundaries.filter((text, index) => text !== boundaries[index - 1]);
  return different.length === 0 ? [...WHOLE] : keyRanges(column.name, order, different);
}

export async function sizeOf(session: Session, table: ReplicatedTable): Promise<TableSize> {
  const [bytes, rows] = await oneRow(session, { tag: 'tableSize', table: table.schema.table });
  const numberOf = (text: string | null | undefined) => (text === null || text === undefined ? null : Number(text));
  return { bytes: numberOf(bytes), rows: numberOf(rows) };
}

/** Ascending; null: the user may not see them. */
async function readExtents(session: Session, table: ReplicatedTable): Promise<Extent[] | null> {
  try {
    const rows = await allRows(session, { tag: 'extents', table: table.schema.table });
    return rows.map(([from, bytes]) => ({ from: from ?? '', bytes: Number(bytes ?? 0) }));
  } catch (error) {
    if (isRefused(error)) return null;
    throw error;
  }
}

/**
 * Neighbours together, until they have the size. Each range ends where the next begins, the first and the last have no ends: a row in a place
 * that is none of these extents is in one range all the same.
 */
export function rowIdRanges(extents: readonly Extent[], bytes: number): ChunkRange[] {
  const total = extents.reduce((sum, extent) => sum + extent.bytes, 0);
  if (total <= bytes * SMALL) return [...WHOLE];
  const least = Math.max(bytes, total / MOST_CHUNKS);
  const beginnings = [FIRST_ROW_ID];
  let size = 0;
  for (const { from, bytes: more } of extents) {
    if (size >= least) {
      beginnings.push(from);
      size = 0;
    }
    size += more;
  }
  return beginnings.map((from, index) => ({ tag: 'pages', from, to: beginnings[index + 1] ?? null }));
}

/** What the rows of a chunk must be, the user's condition included. */
export function rangeConditions(table: ReplicatedTable, range: ChunkRange): RowCondition[] {
  const { where } = table.selection;
  return [...boundsOf(table, range), ...(where === null ? [] : [{ tag: 'chosen', where } as const])];
}

function boundsOf(table: ReplicatedTable, range: ChunkRange): RowCondition[] {
  if (range.tag === 'whole') return [];
  if (range.tag === 'pages') return [{ tag: 'rowIds', from: range.from, to: range.to }];
  const source = table.source.columns.find(({ name }) => name === range.column);
  // A range of a column that is not there any more holds nothing; the structure was compared before.
  if (source === undefined) return [{ tag: 'keys', columns: [], keys: [] }];
  const column = typedColumn(source);
  return [
    ...(range.after === null ? [] : [{ tag: 'above', column, text: range.after } as const]),
    ...(range.upTo === null ? [] : [{ tag: 'upTo', column, text: range.upTo } as const]),
  ];
}

/** INTEGER is a NUMBER of 38 digits, which no integer of a destination holds. */
function isWhole(type: ColumnType): boolean {
  return type.tag === 'integer' || (type.tag === 'decimal' && type.scale === 0);
}

/** The order that code knows, too; null: the key's first column is not part of the identity, or only the server knows its order. */
function resumableOrder(table: ReplicatedTable, column: SourceColumn): ReturnType<typeof keyOrderOf> {
  const { identity } = table.schema;
  if (identity.tag === 'row' || !identity.columns.includes(column.name)) return null;
  const read = table.columns.find(({ source }) => source.name === column.name);
  if (read === undefined || read.change !== null) return null;
  // Of times whose digits or years are cut or refused, and of those with a zone, the texts are not sorted as the values are.
  if (column.type.tag === 'number') return isWhole(read.column.type) ? 'number' : null;
  return column.type.tag === 'date' || column.type.tag === 'timestamp' ? keyOrderOf(read.column.type) : null;
}
