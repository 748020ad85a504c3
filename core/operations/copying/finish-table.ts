import type { Lease } from '../../catalog/lease.ts';
import type { TableRecord } from '../../catalog/records.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { copyMarks, copyPrefix } from './copy-plan.ts';
import type { CopyTable } from './copy-table.ts';

/**
 * Makes a copy whose chunks are all loaded the table: swaps it in, lets the table follow the log from `lastExtract` on, and
 * clears away what the copy needed. Safe to repeat, also after a crash half-way.
 * @throws PenstockError PS3002 where another copy of the table has begun, PS3005 where its chunks are not those that were copied
 */
export async function finishTable(
  context: OperationContext,
  loader: Lease,
  lastExtract: number,
  table: CopyTable,
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const { host, settings, destination, signal } = context;
  const catalog = catalogOf(context);
  const { generation } = table.run;
  await host.failpoint('copy.before-finish');
  await destination.finishCopy(table.run, lastExtract, signal);
  await host.failpoint('copy.after-finish');
  const chunks = (await catalog.chunks(table.id, generation)).map((chunk) => chunk.record);
  const extracted = chunks.flatMap(({ state }) => (state.tag === 'extracted' ? [state] : []));
  // The marks say which changes the copy holds: a list that another process is clearing away must not pass for the whole.
  if (chunks.length !== table.chunks.length || extracted.length !== chunks.length) {
    throw new PenstockError('PS3005', `the chunks of ${table.id} are not those that were copied`);
  }
  const rows = extracted.reduce((sum, chunk) => sum + chunk.rows, 0);
  const bytes = extracted.reduce((sum, chunk) => sum + chunk.bytes, 0);
  await catalog.updateTable(table.id, loader, (before) => ({
    ...ownCopy(before, table),
    state: { tag: 'following' },
    schema: table.schema,
    marks: context.source.mode === 'log' ? copyMarks(chunks) : [],
    copiedRows: rows,
    chunks: null,
  }));
  await catalog.removeChunks(table.id, generation);
  await host.store.deletePrefix(copyPrefix(settings.pipeline, table.id, generation), signal);
  const generated = host.clock.timestamp();
  host.events.emit({ type: 'TableExtracted', pipeline: settings.pipeline, generated, table: table.id, rows, bytes });
  return { rows, bytes };
}

/** @throws PenstockError PS3002 when another copy of the table has begun meanwhile */
function ownCopy(record: TableRecord | null, { id, run }: CopyTable): TableRecord {
  if (record !== null && record.generation === run.generation && record.state.tag !== 'stopped') return record;
  throw new PenstockError('PS3002', `copy ${run.generation} of ${id} was overtaken by copy ${record?.generation ?? 0}`);
}
