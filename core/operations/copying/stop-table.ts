import type { Lease } from '../../catalog/lease.ts';
import { newTableRecord } from '../../catalog/records.ts';
import { emitTable, NO_CHANGES } from '../../events/flow-events.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';

/** Why a table's copy cannot go on; what a failed chunk keeps of an error. */
export interface CopyFailure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Stops a table whose copy cannot go on, and says so; the others go on. */
export async function stopTable(
  context: OperationContext,
  loader: Lease,
  table: string,
  { code, message, remedy }: CopyFailure,
): Promise<void> {
  const { host, settings } = context;
  const since = host.clock.timestamp();
  await catalogOf(context).updateTable(table, loader, (before) => ({
    ...(before ?? newTableRecord(table)),
    state: { tag: 'stopped', code, message, remedy, since },
  }));
  host.log.error('table stopped', { table, code, message });
  host.events.emit({
    type: 'TableStopped',
    pipeline: settings.pipeline,
    generated: since,
    table,
    errorCode: code,
    message,
    remedy,
  });
  const failed = { success: false, message, sourceTS: since, ...NO_CHANGES };
  emitTable(host, settings.pipeline, table, { type: 'TableExtracted', ...failed });
}
