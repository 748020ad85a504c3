import type { Versioned } from '../../catalog/catalog.ts';
import type { Lease } from '../../catalog/lease.ts';
import type { ChunkRecord, FullExtractRecord } from '../../catalog/records.ts';
import { targetOf } from '../../destinations/target-naming.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { selectionOf, tableSettings } from '../pipeline-tables.ts';
import type { CopyTable } from './copy-table.ts';

/** The full extract that is under way. @throws PenstockError PS1004 where there is none */
export async function runUnderWay(context: OperationContext): Promise<Versioned<FullExtractRecord>> {
  const stored = await catalogOf(context).fullExtract();
  if (stored?.record.state === 'running') return stored;
  throw new PenstockError('PS1004', `no full extract of ${context.settings.pipeline} is under way`, {
    remedy: 'Start the operation Full Extract; it plans the copy first.',
  });
}

/**
 * The tables of a run whose copies were planned and are not finished, as the catalog has them. `lease`: whose epoch fences what is done with them.
 * @throws PenstockError PS3005 where a list of chunks is not whole: a copy must not pass for finished without them
 */
export async function tablesInProgress(
  context: OperationContext,
  run: FullExtractRecord,
  lease: Lease,
): Promise<CopyTable[]> {
  const { settings } = context;
  const catalog = catalogOf(context);
  const tables: CopyTable[] = [];
  for (const { table: id, state, run: copiedBy, chunks: count, schema, generation } of await catalog.tables()) {
    if (state.tag !== 'copying' || copiedBy !== run.run || count === null || schema === null) continue;
    const chunks: readonly Versioned<ChunkRecord>[] = await catalog.chunks(id, generation);
    if (chunks.length !== count) throw new PenstockError('PS3005', `${id} has ${chunks.length} of its ${count} chunks`);
    const own = tableSettings(settings, id);
    const target = targetOf(settings, own, schema);
    // Chunks bring their own time; a copy without any has no rows that would need one.
    const copy = { pipeline: settings.pipeline, target, generation, takenAt: run.startedAt, epoch: lease.epoch };
    tables.push({ id, selection: selectionOf(own), schema, run: copy, chunks, estimatedRows: null });
  }
  return tables;
}
