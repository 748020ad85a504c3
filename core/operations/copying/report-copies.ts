import type { FullExtractRecord, TableRecord } from '../../catalog/records.ts';
import { packedCounts, type CopyRunRecord } from '../../catalog/run-records.ts';
import { TableNumbers } from '../../catalog/table-numbers.ts';
import { tableId } from '../../changes/table-name.ts';
import { emitBatch } from '../../events/flow-events.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';

/** Says that a full extract has ended: a record for the reports, and the events of its batch. Safe to repeat. */
export async function reportCopies(
  context: OperationContext,
  run: FullExtractRecord,
  lastExtract: number,
): Promise<void> {
  const { host, settings } = context;
  const { pipeline } = settings;
  const catalog = catalogOf(context);
  const records = (await catalog.tables()).filter(({ table }) => run.tables.includes(table));
  const copied = records.filter((record) => record.run === run.run && record.state.tag === 'following');
  const errors = records.filter(({ state }) => state.tag === 'stopped').length;
  const isWhole = settings.tables.every(({ table }) => run.tables.includes(tableId(table)));
  const kind: CopyRunRecord['kind'] = isWhole ? 'FULL' : 'SYNC_NEW';
  const record: CopyRunRecord = {
    ...{ run: run.run, kind, startedAt: run.startedAt, endedAt: host.clock.timestamp(), extract: lastExtract },
    ...{ tables: run.tables.length, loaded: copied.length, errors },
    rows: copied.reduce((sum, { copiedRows }) => sum + copiedRows, 0),
    counts: await countsOf(context, copied),
  };
  await catalog.runs.recordCopy(record, host.clock.now());
  const message = errors === 0 ? '' : `${errors} of ${run.tables.length} tables are stopped`;
  const batch = {
    jobSubType: kind,
    ...{ message, runId: run.run, extractId: run.run, sourceDate: run.startedAt },
    ...{ fromSeq: lastExtract, toSeq: lastExtract, tableErrors: errors, tableTotals: run.tables.length },
  };
  emitBatch(host, pipeline, 'ExtractCompleted', batch);
  emitBatch(host, pipeline, 'LoadCompleted', batch);
}

async function countsOf({ host, settings }: OperationContext, copied: readonly TableRecord[]): Promise<string> {
  const numberOf = await new TableNumbers().of(
    host,
    settings.pipeline,
    copied.map(({ table }) => table),
  );
  return packedCounts(
    copied.map(({ table, copiedRows }) => ({ number: numberOf(table), inserts: copiedRows, updates: 0, deletes: 0 })),
  );
}
