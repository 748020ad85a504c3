import { reportQuarantined } from '../../events/report-quarantined.ts';
import type { Host } from '../../host/host.ts';
import type { MisfitRow } from '../../sources/source-connector.ts';
import type { OperationContext } from '../operation-context.ts';
import type { CopyTable, ExtractedChunk } from './copy-table.ts';

/** Loads an extracted chunk into the table's copy; one that is there already is left alone. */
export async function loadChunk(context: OperationContext, table: CopyTable, chunk: ExtractedChunk): Promise<void> {
  const { host, settings, destination, signal } = context;
  const misfits = await readChunkMisfits(host, chunk, signal);
  const run = { ...table.run, takenAt: chunk.state.takenAt };
  const { alreadyLoaded } = await destination.copyChunk(run, openChunk(host, chunk, misfits, signal), signal);
  if (!alreadyLoaded) reportQuarantined(host, settings.pipeline, table.id, misfits);
  await host.failpoint('copy.after-chunk-load');
}

/** What the copy loads of one chunk; the file is read again at each try. */
function openChunk(host: Host, { index, state }: ExtractedChunk, misfits: readonly MisfitRow[], signal: AbortSignal) {
  return {
    index,
    rows: state.rows,
    open: () => host.codec.decompressStream(host.store.read(state.key, null, signal)),
    misfits,
  };
}

async function readChunkMisfits(host: Host, { state }: ExtractedChunk, signal: AbortSignal): Promise<MisfitRow[]> {
  if (state.misfitsKey === null) return [];
  const buffers: Buffer[] = [];
  for await (const buffer of host.store.read(state.misfitsKey, null, signal)) buffers.push(buffer);
  const text = (await host.codec.decompress(Buffer.concat(buffers))).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as MisfitRow);
}
