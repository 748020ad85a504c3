import { keyOrderOf, type ChunkRange, type KeyOrder } from '../../changes/copy-mark.ts';
import { keyRanges } from '../key-ranges.ts';
import type { Session } from './connection.ts';
import type { ReplicatedColumn, ReplicatedTable } from './describe.ts';
import { identifier, qualified } from './sql.ts';

const WHOLE: readonly ChunkRange[] = [{ tag: 'whole' }];
/** A table of up to so many chunks' size is not worth cutting. */
const SMALL = 1.5;
const MOST_CHUNKS = 10_000;
/** Sampled rows per chunk: boundaries are off by about a tenth. */
const SAMPLE_PER_CHUNK = 100;
const LEAST_SAMPLE = 10_000;
/** Below it a key range is spread over all pages, so that each chunk would read the whole table. */
const LEAST_CORRELATION = 0.5;
const TID_RANGE_SCAN = 140_000;

interface TableSize {
  readonly pages: number;
  readonly bytes: number;
  /** The most pages that one partition has; of a plain table, its pages. */
  readonly mostPages: number;
}

/**
 * Cuts a table into chunks of about `bytes` bytes: by the leading column of an index over the key, if its values lie in the table
 * in about their order; else by pages; else not at all. The boundaries come from a sample, so that a skewed key is cut evenly.
 */
export async function planChunks(session: Session, table: ReplicatedTable, bytes: number): Promise<ChunkRange[]> {
  const size = await sizeOf(session, table);
  if (size.bytes <= bytes * SMALL) return [...WHOLE];
  const count = Math.min(MOST_CHUNKS, Math.ceil(size.bytes / bytes));
  const key = keyColumn(table);
  if (key !== null && (await liesInOrder(session, table, key.column))) {
    const boundaries = await sampleBoundaries(session, table, key.column, size, count);
    if (boundaries.length > 0) return keyRanges(key.column.column.name, key.order, boundaries);
  }
  if (session.version < TID_RANGE_SCAN) return [...WHOLE];
  return pageRanges(size.mostPages, count);
}

async function sizeOf(session: Session, table: ReplicatedTable): Promise<TableSize> {
  const [row] = await session.rows(
    `WITH RECURSIVE parts(oid) AS (SELECT $1::oid UNION ALL SELECT i.inhrelid FROM parts JOIN pg_inherits i ON i.inhparent = parts.oid)
     SELECT coalesce(sum(size / block), 0), coalesce(sum(whole), 0), coalesce(max(size / block), 0)
     FROM (SELECT pg_relation_size(c.oid) AS size, pg_table_size(c.oid) AS whole, current_setting('block_size')::int AS block
           FROM parts JOIN pg_class c ON c.oid = parts.oid WHERE c.relkind = 'r') sizes`,
    [table.source.oid],
  );
  return { pages: Number(row?.[0]), bytes: Number(row?.[1]), mostPages: Number(row?.[2]) };
}

/** The first key column, where its canonical text tells the source's order. */
function keyColumn(table: ReplicatedTable): { readonly column: ReplicatedColumn; readonly order: KeyOrder } | null {
  const { identity } = table.schema;
  if (identity.tag === 'row') return null;
  for (const name of identity.columns) {
    const column = table.columns.find((one) => one.column.name === name);
    if (column === undefined || column.change !== null || column.mustBeSet) continue;
    const order = keyOrderOf(column.column.type);
    // A changed type without code is `@S`: text.
    if (order !== null && column.reading.type.tag === column.column.type.tag) return { column, order };
  }
  return null;
}

/** Whether a whole, valid btree index begins with the column, and the rows lie in about its order. Of a partitioned table the partitions' average counts. */
async function liesInOrder(session: Session, table: ReplicatedTable, column: ReplicatedColumn): Promise<boolean> {
  const [row] = await session.rows(
    `WITH RECURSIVE parts(oid) AS (SELECT $1::oid UNION ALL SELECT i.inhrelid FROM parts JOIN pg_inherits i ON i.inhparent = parts.oid)
     SELECT EXISTS (SELECT FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid JOIN pg_am am ON am.oid = ic.relam AND am.amname = 'btree'
              JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
              WHERE x.indrelid = $1 AND a.attname = $2 AND x.indisvalid AND x.indpred IS NULL),
       (SELECT avg(abs(s.correlation)) FROM parts JOIN pg_class c ON c.oid = parts.oid AND c.relkind = 'r'
          JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = $2)`,
    [table.source.oid, column.source.name],
  );
  const [indexed = null, correlation = null] = row ?? [];
  return indexed === 't' && (correlation === null || Number(correlation) >= LEAST_CORRELATION);
}

async function sampleBoundaries(
  session: Session,
  table: ReplicatedTable,
  column: ReplicatedColumn,
  size: TableSize,
  count: number,
): Promise<string[]> {
  const name = identifier(column.column.name);
  const wanted = Math.max(LEAST_SAMPLE, count * SAMPLE_PER_CHUNK);
  // Whole pages are sampled; few rows of each would do, but a page is what is read.
  const percent = Math.min(100, Math.max(0.001, (100 * wanted) / Math.max(1, size.pages * ROWS_PER_PAGE)));
  const fractions = Array.from({ length: count - 1 }, (_, index) => (index + 1) / count);
  const fits = column.reading.fits?.(name) ?? 'true';
  const [row] = await session.rows(
    `SELECT to_json(array_agg(boundary ORDER BY place)) FROM (
       SELECT DISTINCT ON (value) ${column.reading.text('value')} AS boundary, place
       FROM (SELECT percentile_disc($1::float8[]) WITHIN GROUP (ORDER BY ${name}) AS values
             FROM ${qualified(table.schema.table)} TABLESAMPLE SYSTEM (${percent}) REPEATABLE (1) WHERE ${fits}) sampled,
         unnest(sampled.values) WITH ORDINALITY AS cut(value, place)
       WHERE value IS NOT NULL ORDER BY value, place) boundaries`,
    [fractions],
  );
  const [boundaries = null] = row ?? [];
  return boundaries === null ? [] : (JSON.parse(boundaries) as string[]);
}

/** A low guess: a sample that is too large costs little, one that is too small cuts unevenly. */
const ROWS_PER_PAGE = 20;

/** Ranges of page numbers; of a partitioned table each holds these pages of every partition. The last has no end. */
export function pageRanges(pages: number, count: number): ChunkRange[] {
  const step = Math.max(1, Math.ceil(pages / count));
  const ranges: ChunkRange[] = [];
  for (let from = 0; from < pages; from += step) {
    ranges.push({ tag: 'pages', from: String(from), to: from + step < pages ? String(from + step) : null });
  }
  return ranges.length <= 1 ? [...WHOLE] : ranges;
}
