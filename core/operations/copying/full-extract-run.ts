import type { HeadWriter } from '../../catalog/head-writer.ts';
import type { Lease } from '../../catalog/lease.ts';
import type { FullExtractRecord, TableRecord } from '../../catalog/records.ts';
import { tableId } from '../../changes/table-name.ts';
import { hasCode, type PenstockError } from '../../errors/penstock-error.ts';
import type { PipelineSettings } from '../../pipeline/settings.ts';
import { catalogOf } from '../contexts.ts';
import { concernsTable } from './copy-table.ts';
import type { OperationContext } from '../operation-context.ts';
import { reportCopies } from './report-copies.ts';
import { followedTables, selectionOf, tableSettings } from '../pipeline-tables.ts';

/**
 * The run that was interrupted, or a new one. `requested`: table ids; null: all chosen tables.
 * `workersEnded`: the attempts whose copy workers have all ended, by the caller's own count.
 */
export async function currentRun(
  context: OperationContext,
  requested: readonly string[] | null,
  workersEnded = 0,
): Promise<FullExtractRecord> {
  const { host, settings } = context;
  const catalog = catalogOf(context);
  const stored = await catalog.fullExtract();
  const all = settings.tables.map((table) => tableId(table.table));
  if (stored?.record.state === 'running') {
    const tables = [...new Set([...stored.record.tables, ...(requested ?? all)])].filter((id) => all.includes(id));
    const record = { ...stored.record, tables, workersEnded };
    await catalog.putFullExtract(record, stored.version);
    return record;
  }
  const record: FullExtractRecord = {
    run: host.randomness.identifier(),
    startedAt: host.clock.timestamp(),
    state: 'running',
    tables: [...(requested ?? all)],
    snapshot: null,
    workersEnded,
  };
  await catalog.putFullExtract(record, stored?.version ?? null);
  return record;
}

/** By table id: tables of a run that the source refuses, each with its own error; the others are copied without them. */
export type RefusedTables = ReadonlyMap<string, PenstockError>;

/**
 * Makes the source keep its log from the head's position on. Where that log is gone or another one, only a copy of every table
 * may begin anew; a copy of some would leave the others behind. @throws PenstockError what concerns all tables
 */
export async function prepareLog(
  context: OperationContext,
  head: HeadWriter,
  run: FullExtractRecord,
): Promise<RefusedTables> {
  const refused = new Map<string, PenstockError>();
  if (context.source.mode === 'full') return refused;
  for (;;) {
    try {
      await prepareFor(context, head, run, refused);
      return refused;
    } catch (error) {
      if (!concernsTable(error) || error.retry === 'timed' || error.table === null) throw error;
      if (!run.tables.includes(error.table) || refused.has(error.table)) throw error;
      refused.set(error.table, error);
      // With none left there is nothing to prepare for.
      if (run.tables.every((id) => refused.has(id))) throw error;
    }
  }
}

async function prepareFor(
  context: OperationContext,
  head: HeadWriter,
  run: FullExtractRecord,
  refused: RefusedTables,
): Promise<void> {
  const { host, settings, source, signal } = context;
  const records = await catalogOf(context).tables();
  const followed = new Set(followedTables(settings, records).map((table) => table.id));
  const selections = settings.tables
    .filter(({ table }) => followed.has(tableId(table)) || run.tables.includes(tableId(table)))
    .filter(({ table }) => !refused.has(tableId(table)))
    .map(selectionOf);
  const known = head.head.position;
  await host.failpoint('prepare.before-slot');
  try {
    const position = await source.prepare(selections, known, signal, copiedAnew(settings, records, run));
    await host.failpoint('prepare.after-slot');
    if (known === null) await head.setPosition(position);
  } catch (error) {
    if (!hasCode(error, 'PS2001', 'PS2006') || !coversAll(settings, run)) throw error;
    host.log.warn('the log is gone; all tables are copied anew', { code: error.code, message: error.message });
    await source.teardown(signal);
    await head.setPosition(await source.prepare(selections, null, signal));
  }
}

export function coversAll(settings: PipelineSettings, run: FullExtractRecord): boolean {
  return settings.tables.every((table) => run.tables.includes(tableId(table.table)));
}

/** Tables of the run that no log of before is needed for: they may join the log now. */
export function copiedAnew(
  settings: PipelineSettings,
  tables: readonly TableRecord[],
  run: { readonly run: string; readonly tables: readonly string[] },
): Set<string> {
  const records = new Map(tables.map((record) => [record.table, record]));
  const isNeeded = (id: string): boolean => {
    const record = records.get(id);
    if (record?.state.tag !== 'following') return false;
    const { skipInitialExtract, redoInitialExtract } = tableSettings(settings, id);
    return record.run === run.run || (skipInitialExtract && !redoInitialExtract);
  };
  return new Set(run.tables.filter((id) => !isNeeded(id)));
}

/** Ends a run whose tables are all copied or stopped. */
export async function endRun(
  context: OperationContext,
  loader: Lease,
  run: FullExtractRecord,
  lastExtract: number,
): Promise<void> {
  const catalog = catalogOf(context);
  if (coversAll(context.settings, run)) await settleLedger(context, loader, lastExtract);
  const stored = await catalog.fullExtract();
  if (stored?.record.run === run.run && stored.record.state !== 'done') await reportCopies(context, run, lastExtract);
  if (stored?.record.run === run.run)
    await catalog.putFullExtract({ ...run, state: 'done', snapshot: null }, stored.version);
}

/**
 * A ledger that contradicts the catalog, because the destination or the state directory was restored or replaced, is set to where
 * the copies stand: after a copy of every table nothing of before is missing.
 */
async function settleLedger(context: OperationContext, loader: Lease, lastExtract: number): Promise<void> {
  const { destination, host, settings, signal } = context;
  const { applied } = await destination.ledger(settings.pipeline, signal);
  const loaded = await catalogOf(context).loaded();
  if ((applied ?? 0) >= loaded && (applied ?? 0) <= lastExtract) return;
  host.log.warn('the ledger contradicted the catalog; it goes on from the copies', { applied, lastExtract });
  const { pipeline } = settings;
  const step = { pipeline, epoch: loader.epoch, extract: lastExtract, pipelineMark: { from: applied } };
  await destination.merge({ ...step, tableMarks: [], parts: [] }, signal);
}
