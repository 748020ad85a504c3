import type { TableSchema } from '../../changes/table-schema.ts';
import type { Catalog, Versioned } from '../../catalog/catalog.ts';
import type { ChunkRecord } from '../../catalog/records.ts';
import type { CopyRun } from '../../destinations/destination.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Host } from '../../host/host.ts';
import type { MisfitRow, Snapshot, TableSelection } from '../../sources/source-connector.ts';
import { copyPrefix } from './copy-plan.ts';

/** A table that is being copied. */
export interface CopyTable {
  readonly id: string;
  readonly selection: TableSelection;
  readonly schema: TableSchema;
  readonly run: CopyRun;
  readonly chunks: readonly Versioned<ChunkRecord>[];
  readonly estimatedRows: number | null;
}

/** After this long, in milliseconds, a chunk that was taken and not listed may be taken by another worker. */
export const TAKEN_MILLISECONDS = 15 * 60_000;

type ExtractedState = Extract<ChunkRecord['state'], { tag: 'extracted' }>;

/** A chunk whose file is in the store and listed. */
export interface ExtractedChunk {
  readonly index: number;
  readonly state: ExtractedState;
}

/** Takes a chunk, so that no other worker reads it too. @throws PenstockError PS3005 when another one has */
export async function takeChunk(
  host: Host,
  catalog: Catalog,
  snapshot: Snapshot,
  table: Pick<CopyTable, 'id' | 'run'>,
  chunk: Versioned<ChunkRecord>,
  owner: string,
): Promise<Versioned<ChunkRecord>> {
  const { index, range } = chunk.record;
  const until = host.clock.now() + TAKEN_MILLISECONDS;
  const state = { tag: 'taken', owner, until, order: snapshot.position.order } as const;
  const record: ChunkRecord = { index, range, state };
  return { record, version: await catalog.putChunk(table.id, table.run.generation, record, chunk.version) };
}

/** Reads one chunk at the snapshot into a file and lists it. A chunk that was listed by an earlier run is left alone. */
export async function extractChunk(
  host: Host,
  catalog: Catalog,
  snapshot: Snapshot,
  table: CopyTable,
  chunk: Versioned<ChunkRecord>,
  signal: AbortSignal,
): Promise<ExtractedChunk> {
  const { index, range, state } = chunk.record;
  if (state.tag === 'extracted') return { index, state };
  const taken = await takeChunk(host, catalog, snapshot, table, chunk, host.owner);
  const extracted = await readIntoStore(host, catalog, snapshot, table, taken.record, signal);
  await catalog.putChunk(table.id, table.run.generation, { index, range, state: extracted }, taken.version);
  await host.failpoint('copy.after-chunk-listed');
  return { index, state: extracted };
}

/** Reads a chunk that was taken into a file of its own, which nobody knows before it is listed. */
export async function readIntoStore(
  host: Host,
  catalog: Catalog,
  snapshot: Snapshot,
  table: Pick<CopyTable, 'id' | 'run' | 'selection' | 'schema'>,
  { index, range }: ChunkRecord,
  signal: AbortSignal,
): Promise<ExtractedState> {
  const rows = await snapshot.readChunk(table.selection, table.schema, range, signal);
  const counted = { bytes: 0 };
  const prefix = copyPrefix(catalog.pipeline, table.id, table.run.generation);
  const name = `${index.toString().padStart(8, '0')}-${table.run.epoch}-${host.randomness.identifier()}`;
  const key = `${prefix}${name}.${host.codec.name}`;
  await host.store.put(key, host.codec.compressStream(counting(rows.bytes, counted, host)), signal);
  const summary = rows.summary();
  const misfitsKey = await putMisfits(host, `${prefix}${name}.misfits`, summary.misfits, signal);
  await host.failpoint('copy.after-chunk-put');
  return {
    tag: 'extracted',
    key,
    misfitsKey,
    rows: summary.rows,
    bytes: counted.bytes,
    order: snapshot.position.order,
    takenAt: snapshot.takenAt,
    loaded: false,
  };
}

async function putMisfits(
  host: Host,
  key: string,
  misfits: readonly MisfitRow[],
  signal: AbortSignal,
): Promise<string | null> {
  if (misfits.length === 0) return null;
  const lines = misfits.map((misfit) => `${JSON.stringify(misfit)}\n`).join('');
  await host.store.put(key, await host.codec.compress(Buffer.from(lines, 'utf8')), signal);
  return key;
}

async function* counting(bytes: AsyncIterable<Buffer>, counted: { bytes: number }, host: Host): AsyncIterable<Buffer> {
  let isFirst = true;
  for await (const buffer of bytes) {
    counted.bytes += buffer.length;
    yield buffer;
    if (isFirst) await host.failpoint('copy.chunk-half-read');
    isFirst = false;
  }
}

/** Whether an error concerns this table alone, so that the others go on. */
export function concernsTable(error: unknown): error is PenstockError {
  if (!(error instanceof PenstockError)) return false;
  return error.table !== null || ['PS1005', 'PS1006', 'PS2009', 'PS2011', 'PS4004', 'PS4008'].includes(error.code);
}
