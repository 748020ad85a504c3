import { keyOrderOf, type ChunkRange } from '../../changes/copy-mark.ts';
import { keyRanges } from '../key-ranges.ts';
import type { Session } from './connection.ts';
import type { ReplicatedColumn, ReplicatedTable } from './describe.ts';
import { firstKeyColumn, keyLiteral, pageText } from './row-sql.ts';
import type { SourceType } from './values/source-type.ts';
import { identifier, literal, qualified } from './sql.ts';

const WHOLE: readonly ChunkRange[] = [{ tag: 'whole' }];
/** A table of up to so many chunks' size is not worth cutting. */
const SMALL = 1.5;
const MOST_CHUNKS = 10_000;
/** Ranges of whole numbers are halved no more often than this: 64 halvings cut any of them to single numbers. */
const DEEPEST = 64;

interface TableSize {
  readonly bytes: number;
  /** By the server's statistics, off by some tens of percent. */
  readonly rows: number;
}

/**
 * Cuts a table into chunks of about `bytes` bytes by the first column of its primary key, by which InnoDB stores the rows:
 * whole numbers by the optimizer's estimates, so that a skewed key is cut evenly without reading rows; other keys by walking the key.
 * Dates and times make ranges that can be resumed; of texts and bytes only the server knows the order, so they are `pages`.
 */
export async function planChunks(session: Session, table: ReplicatedTable, bytes: number): Promise<ChunkRange[]> {
  const size = await sizeOf(session, table);
  const column = firstKeyColumn(table);
  if (column === null || size.bytes <= bytes * SMALL || size.rows === 0) return [...WHOLE];
  const count = Math.min(MOST_CHUNKS, Math.ceil(size.bytes / bytes));
  const rowsPerChunk = Math.ceil(size.rows / count);
  const order = isInSchema(table, column) && column.change === null ? keyOrderOf(column.column.type) : null;
  if (column.source.type.tag === 'integer' && order === 'number') {
    const leaves = await integerLeaves(session, table, column, rowsPerChunk);
    // The estimates of parts add up to more or less than those of the whole: what counts is each part's share.
    const estimated = leaves.reduce((sum, leaf) => sum + leaf.rows, 0);
    const boundaries = joined(leaves, Math.ceil(estimated / count));
    return boundaries.length === 0 ? [...WHOLE] : keyRanges(column.source.name, order, boundaries);
  }
  if (!isWalkable(column.source.type)) return [...WHOLE];
  const boundaries = await walkedBoundaries(session, table, column, rowsPerChunk);
  if (boundaries.length === 0) return [...WHOLE];
  return order === null ? pageRanges(boundaries) : keyRanges(column.source.name, order, boundaries);
}

export async function sizeOf(session: Session, table: ReplicatedTable): Promise<TableSize> {
  // MySQL 8 shows statistics of up to a day ago unless it is asked for fresh ones.
  if (!session.isMariaDb && session.version >= 80_000)
    await session.run('SET SESSION information_schema_stats_expiry = 0');
  const { schema, name } = table.schema.table;
  const [row] = await session.rows(
    `SELECT DATA_LENGTH, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(schema)} AND TABLE_NAME = ${literal(name)}`,
  );
  return { bytes: Number(row?.[0] ?? 0), rows: Number(row?.[1] ?? 0) };
}

/** Whether the key's first column is also the first of the identity, so that a change's key tells its chunk. */
function isInSchema(table: ReplicatedTable, column: ReplicatedColumn): boolean {
  const { identity } = table.schema;
  return identity.tag === 'key' && identity.columns.includes(column.column.name);
}

/** Types whose order by ORDER BY is that of comparisons with a constant; an ENUM is sorted by number and compared as a text. */
function isWalkable({ tag }: SourceType): boolean {
  const walkable = [
    'integer',
    'decimal',
    'date',
    'datetime',
    'timestamp',
    'char',
    'varchar',
    'binary',
    'varbinary',
    'uuid',
  ];
  return walkable.includes(tag);
}

/** A range of keys that is not cut any more; it begins behind the one before it. */
interface Leaf {
  readonly upTo: bigint;
  readonly rows: number;
}

/** Halves ranges until the optimizer finds them small enough. */
async function integerLeaves(
  session: Session,
  table: ReplicatedTable,
  column: ReplicatedColumn,
  rowsPerChunk: number,
): Promise<Leaf[]> {
  const name = identifier(column.source.name);
  const [ends] = await session.rows(`SELECT MIN(${name}) + 0, MAX(${name}) + 0 FROM ${qualified(table.schema.table)}`);
  const [least = null, most = null] = ends ?? [];
  if (least === null || most === null) return [];
  const leaves: Leaf[] = [];
  const halve = async (from: bigint, upTo: bigint, depth: number): Promise<void> => {
    const rows = await estimate(session, table, name, from, upTo);
    if (rows <= rowsPerChunk || from >= upTo || depth === DEEPEST || leaves.length >= MOST_CHUNKS) {
      leaves.push({ upTo, rows });
      return;
    }
    const middle = from + (upTo - from) / 2n;
    await halve(from, middle, depth + 1);
    await halve(middle + 1n, upTo, depth + 1);
  };
  await halve(BigInt(least), BigInt(most), 0);
  return leaves;
}

/** Ends of ranges of about `rowsPerChunk` rows; the last range has no end. */
export function joined(leaves: readonly Leaf[], rowsPerChunk: number): string[] {
  const boundaries: string[] = [];
  let rows = 0;
  for (const [index, leaf] of leaves.entries()) {
    rows += leaf.rows;
    const next = leaves[index + 1];
    if (next === undefined || rows + next.rows <= rowsPerChunk) continue;
    boundaries.push(leaf.upTo.toString());
    rows = 0;
  }
  return boundaries;
}

/** MySQL 9 explains as a tree unless it is told not to, and counts no rows of an index that is forced (both seen on 9.7.4). */
async function estimate(
  session: Session,
  table: ReplicatedTable,
  name: string,
  from: bigint,
  upTo: bigint,
): Promise<number> {
  const [plan] = await session.records(
    `EXPLAIN FORMAT=TRADITIONAL SELECT ${name} FROM ${qualified(table.schema.table)} USE INDEX (PRIMARY) WHERE ${name} BETWEEN ${from} AND ${upTo}`,
  );
  return Number(plan?.get('rows') ?? 0);
}

/** Every so many keys' text, in the server's order. One pass over the key at the server; only the boundaries are sent. */
async function walkedBoundaries(
  session: Session,
  table: ReplicatedTable,
  column: ReplicatedColumn,
  rowsPerChunk: number,
): Promise<string[]> {
  const name = identifier(column.source.name);
  const boundaries: string[] = [];
  for (let last: string | null = null; boundaries.length < MOST_CHUNKS;) {
    const behind: string = last === null ? '1' : `${name} > ${keyLiteral(column, last)}`;
    const [row] = await session.rows(
      `SELECT ${column.reading.output(name)} FROM ${qualified(table.schema.table)} FORCE INDEX (PRIMARY) WHERE ${behind} ORDER BY ${name} LIMIT 1 OFFSET ${rowsPerChunk}`,
    );
    last = row?.[0] ?? null;
    if (last === null) break;
    boundaries.push(last);
  }
  return boundaries;
}

/** Ranges of keys that only the server can sort. */
export function pageRanges(boundaries: readonly string[]): ChunkRange[] {
  const ranges: ChunkRange[] = boundaries.map((upTo, index) => ({
    tag: 'pages',
    from: pageText(boundaries[index - 1] ?? null),
    to: pageText(upTo),
  }));
  return [...ranges, { tag: 'pages', from: pageText(boundaries.at(-1) ?? null), to: null }];
}
