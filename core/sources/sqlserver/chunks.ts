import { keyOrderOf, type ChunkRange } from '../../changes/copy-mark.ts';
import { keyRanges } from '../key-ranges.ts';
import { primaryKeyOf, typedColumn, type ReplicatedTable } from './describe.ts';
import { allRows, oneRow, type Session } from './server/session.ts';
import type { SourceColumn } from './source-table.ts';
import type { RowCondition } from './statements/columns.ts';

const WHOLE: readonly ChunkRange[] = [{ tag: 'whole' }];
/** A table of up to so many chunks' size is not worth cutting. */
const SMALL = 1.5;
const MOST_CHUNKS = 10_000;

export interface TableSize {
  readonly bytes: number;
  /** By the server's counts, which are nearly exact. */
  readonly rows: number;
}

/**
 * Cuts a table into chunks of about `bytes` bytes by the first column of its primary key: every so many keys, by one pass over the key
 * at the server. Whole numbers, dates and times make ranges that can be resumed; of other types only the server knows the order
 * (texts by their collation, GUIDs from their last bytes on), so they are `pages`.
 */
export async function planChunks(session: Session, table: ReplicatedTable, bytes: number): Promise<ChunkRange[]> {
  const size = await sizeOf(session, table);
  const column = firstKeyColumn(table);
  if (column === null || size.bytes <= bytes * SMALL || size.rows === 0 || !isWalkable(column)) return [...WHOLE];
  const count = Math.min(MOST_CHUNKS, Math.ceil(size.bytes / bytes));
  const every = Math.max(1, Math.ceil(size.rows / count));
  const statement = { tag: 'boundaries', table: table.schema.table, column: typedColumn(column), every } as const;
  const boundaries = withoutRepeats((await allRows(session, statement)).map(([text]) => text ?? ''));
  if (boundaries.length === 0) return [...WHOLE];
  const order = resumableOrder(table, column);
  return order === null ? pageRanges(boundaries) : keyRanges(column.name, order, boundaries);
}

export async function sizeOf(session: Session, table: ReplicatedTable): Promise<TableSize> {
  const [bytes, rows] = await oneRow(session, { tag: 'tableSize', table: table.schema.table });
  return { bytes: Number(bytes ?? 0), rows: Number(rows ?? 0) };
}

/** What the rows of a chunk must be, the user's condition included. */
export function rangeConditions(table: ReplicatedTable, range: ChunkRange): RowCondition[] {
  const { where } = table.selection;
  return [...boundsOf(table, range), ...(where === null ? [] : [{ tag: 'chosen', where } as const])];
}

function boundsOf(table: ReplicatedTable, range: ChunkRange): RowCondition[] {
  if (range.tag === 'whole') return [];
  const source =
    range.tag === 'key' ? table.source.columns.find(({ name }) => name === range.column) : firstKeyColumn(table);
  // A range of a column that is not there any more holds nothing; the structure was compared before.
  if (source === undefined || source === null) return [{ tag: 'keys', columns: [], keys: [] }];
  const { after, upTo } = range.tag === 'key' ? range : { after: pageBound(range.from), upTo: pageBound(range.to) };
  const column = typedColumn(source);
  return [
    ...(after === null ? [] : [{ tag: 'above', column, text: after } as const]),
    ...(upTo === null ? [] : [{ tag: 'upTo', column, text: upTo } as const]),
  ];
}

function firstKeyColumn(table: ReplicatedTable): SourceColumn | null {
  return primaryKeyOf(table.source)[0] ?? null;
}

/** The order that code knows, too; null: the key's first column is not part of the identity, or only the server knows its order. */
function resumableOrder(table: ReplicatedTable, column: SourceColumn): ReturnType<typeof keyOrderOf> {
  const { identity } = table.schema;
  if (identity.tag === 'row' || !identity.columns.includes(column.name)) return null;
  const read = table.columns.find(({ source }) => source.name === column.name);
  if (read === undefined || read.change !== null) return null;
  // Texts of sorted values must be sorted, and the bounds compared as the type: a decoded text is another one.
  return read.reading.decode === null && read.reading.misfit === null ? keyOrderOf(read.column.type) : null;
}

/** Types whose values are compared as they are sorted, and whose output text is read back as the same value. */
const WALKABLE: ReadonlySet<string> = new Set([
  'integer',
  'decimal',
  'money',
  'char',
  'varchar',
  'binary',
  'varbinary',
  'date',
  'time',
  'smalldatetime',
  'datetime',
  'datetime2',
  'datetimeoffset',
  'uniqueidentifier',
  'rowversion',
]);

function isWalkable({ type }: SourceColumn): boolean {
  return WALKABLE.has(type.tag);
}

/** The first of equal neighbours, which a composite key's first column has. */
export function withoutRepeats(boundaries: readonly string[]): string[] {
  return boundaries.filter((text, index) => text !== boundaries[index - 1]);
}

function pageRanges(boundaries: readonly string[]): ChunkRange[] {
  const ranges: ChunkRange[] = boundaries.map((upTo, index) => ({
    tag: 'pages',
    from: JSON.stringify(boundaries[index - 1] ?? null),
    to: JSON.stringify(upTo),
  }));
  return [...ranges, { tag: 'pages', from: JSON.stringify(boundaries.at(-1) ?? null), to: null }];
}

function pageBound(text: string | null): string | null {
  return text === null ? null : (JSON.parse(text) as string | null);
}
