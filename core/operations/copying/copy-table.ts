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
const TAKEN_MILLISECONDS = 15 * 60_000;

type ExtractedState = Extract<ChunkRecord['state'], { tag: 'extracted' }>;

/** A chunk whose file is in the store and listed. */
export interface ExtractedChunk {
  readonly index: number;
  readonly state: ExtractedState;
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
  const taken = {
    index,
    range,
    state: { tag: 'taken', owner: host.owner, until: host.clock.now() + TAKEN_MILLISECONDS },
  } as const;
  const version = await catalog.putChunk(table.id, table.run.generation, taken, chunk.version);
  const rows = await snapshot.readChunk(table.selection, table.schema, range, signal);
  const counted = { bytes: 0 };
  const prefix = copyPrefix(catalog.pipeline, table.id, table.run.generation);
  const name = `${index.toString().padStart(8, '0')}-${table.run.epoch}-${host.randomness.identifier()}`;
  const key = `${prefix}${name}.${host.codec.name}`;
  await host.store.put(key, host.codec.compressStream(counting(rows.bytes, counted, host)), signal);
  const summary = rows.summary();
  const misfitsKey = await putMisfits(host, `${prefix}${name}.misfits`, summary.misfits, signal);
  await host.failpoint('copy.after-chunk-put');
  const extracted: ExtractedState = {
    tag: 'extracted',
    key,
    misfitsKey,
    rows: summary.rows,
    bytes: counted.bytes,
    order: snapshot.position.order,
    takenAt: snapshot.takenAt,
  };
  await catalog.putChunk(table.id, table.run.generation, { index, range, state: extracted }, version);
  await host.failpoint('copy.after-chunk-listed');
  return { index, state: extracted };
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

/** What the copy loads of one chunk; the file is read again at each try. */
export function openChunk(
  host: Host,
  { index, state }: ExtractedChunk,
  misfits: readonly MisfitRow[],
  signal: AbortSignal,
) {
  return {
    index,
    rows: state.rows,
    open: () => host.codec.decompressStream(host.store.read(state.key, null, signal)),
    misfits,
  };
}

export async function readChunkMisfits(
  host: Host,
  { state }: ExtractedChunk,
  signal: AbortSignal,
): Promise<MisfitRow[]> {
  if (state.misfitsKey === null) return [];
  const buffers: Buffer[] = [];
  for await (const buffer of host.store.read(state.misfitsKey, null, signal)) buffers.push(buffer);
  const text = (await host.codec.decompress(Buffer.concat(buffers))).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as MisfitRow);
}

/** Whether an error concerns this table alone, so that the others go on. */
export function concernsTable(error: unknown): error is PenstockError {
  if (!(error instanceof PenstockError)) return false;
  return error.table !== null || ['PS1005', 'PS1006', 'PS2009', 'PS2011', 'PS4004', 'PS4008'].includes(error.code);
}
