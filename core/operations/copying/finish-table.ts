import type { CopyMark } from '../../changes/copy-mark.ts';
import type { Lease } from '../../catalog/lease.ts';
import type { TableRecord } from '../../catalog/records.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { emitTable, NO_CHANGES } from '../../events/flow-events.ts';
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
  const { host, destination, signal } = context;
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
  const marks = context.source.mode === 'log' ? copyMarks(chunks) : [];
  await recordCopy(context, loader, table, { rows, bytes, marks }, () => catalog.removeChunks(table.id, generation));
  return { rows, bytes };
}

/** What a finished copy holds. */
export interface FinishedCopy {
  readonly rows: number;
  /** Before compression. */
  readonly bytes: number;
  readonly marks: readonly CopyMark[];
}

/** The same for a copy beside the log, whose chunks are listed nowhere. `joinsAfter`: the extract behind which the table goes on. */
export async function finishBeside(
  context: OperationContext,
  loader: Lease,
  joinsAfter: number,
  table: CopyTable,
  copied: FinishedCopy,
): Promise<void> {
  const { host, destination, signal } = context;
  await host.failpoint('copy.before-finish');
  await destination.finishCopy({ ...table.run, epoch: loader.epoch }, joinsAfter, signal);
  await host.failpoint('copy.after-finish');
  await recordCopy(context, loader, table, copied, () => Promise.resolve());
}

/** Lets the table follow the log, and clears away what the copy needed. `forget`: what the catalog has of its chunks. */
async function recordCopy(
  context: OperationContext,
  loader: Lease,
  table: CopyTable,
  { rows, marks }: FinishedCopy,
  forget: () => Promise<void>,
): Promise<void> {
  const { host, settings, signal } = context;
  await catalogOf(context).updateTable(table.id, loader, (before) => ({
    ...ownCopy(before, table),
    state: { tag: 'following' },
    schema: table.schema,
    marks: [...marks],
    copiedRows: rows,
    chunks: null,
    joinsAfter: null,
  }));
  await forget();
  await host.store.deletePrefix(copyPrefix(settings.pipeline, table.id, table.run.generation), signal);
  const copied = { success: true, message: '', sourceTS: table.run.takenAt, ...NO_CHANGES };
  emitTable(host, settings.pipeline, table.id, { type: 'TableExtracted', ...copied, sourceInserts: rows });
  const loaded = { destInserts: rows, destUpdates: 0, destDeletes: 0 };
  emitTable(host, settings.pipeline, table.id, { type: 'TableLoaded', ...copied, sourceInserts: rows, ...loaded });
}

/** @throws PenstockError PS3002 when another copy of the table has begun meanwhile */
function ownCopy(record: TableRecord | null, { id, run }: CopyTable): TableRecord {
  if (record !== null && record.generation === run.generation && record.state.tag !== 'stopped') return record;
  throw new PenstockError('PS3002', `copy ${run.generation} of ${id} was overtaken by copy ${record?.generation ?? 0}`);
}
