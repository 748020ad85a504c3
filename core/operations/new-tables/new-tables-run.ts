import { Catalog } from '../../catalog/catalog.ts';
import type { FullExtractRecord, TableRecord } from '../../catalog/records.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Host } from '../../host/host.ts';
import type { PipelineSettings } from '../../pipeline/settings.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { followedTables } from '../pipeline-tables.ts';

/** Pure: the tables that are copied where none is named: those that never were, whose copy was interrupted, or that are to be copied again. */
export function tablesToCopy(settings: Pick<PipelineSettings, 'tables'>, records: readonly TableRecord[]): string[] {
  const byId = new Map(records.map((record) => [record.table, record]));
  return settings.tables.flatMap(({ table, redoInitialExtract }) => {
    const id = tableId(table);
    return redoInitialExtract || !isCopied(byId.get(id)) ? [id] : [];
  });
}

/** A table that stopped in its first copy was not copied: `chunks` and `joinsAfter` say that a copy has not ended. */
function isCopied(record: TableRecord | undefined): boolean {
  if (record === undefined || record.schema === null) return false;
  const { state, chunks, joinsAfter } = record;
  if (state.tag === 'stopped') return chunks === null && joinsAfter === null;
  return state.tag === 'following';
}

/** The tables that Sync New Tables copies where none is named. */
export async function newTables(context: OperationContext): Promise<string[]> {
  return tablesToCopy(context.settings, await catalogOf(context).tables());
}

/** The run that was interrupted, or a new one. `requested`: table ids; null: {@link newTables}. */
export async function currentNewTablesRun(
  context: OperationContext,
  requested: readonly string[] | null,
): Promise<FullExtractRecord> {
  const { host, settings } = context;
  const catalog = catalogOf(context);
  const stored = await catalog.newTablesRun();
  const records = await catalog.tables();
  const wanted = requested ?? tablesToCopy(settings, records);
  const chosen = settings.tables.map(({ table }) => tableId(table));
  const interrupted = stored?.record.state === 'running' ? stored.record : null;
  const left = records.filter(({ state, run }) => state.tag === 'copying' && run === interrupted?.run);
  const tables = new Set([...wanted, ...left.map(({ table }) => table)]);
  const record: FullExtractRecord = {
    run: interrupted?.run ?? host.randomness.identifier(),
    startedAt: interrupted?.startedAt ?? host.clock.timestamp(),
    state: 'running',
    tables: chosen.filter((id) => tables.has(id)),
    snapshot: null,
    workersEnded: 0,
  };
  await catalog.putNewTablesRun(record, stored?.version ?? null);
  return record;
}

/** Ends a run whose tables are all copied or stopped. */
export async function endNewTablesRun(context: OperationContext, run: FullExtractRecord): Promise<void> {
  const catalog = catalogOf(context);
  const stored = await catalog.newTablesRun();
  if (stored?.record.run === run.run) await catalog.putNewTablesRun({ ...run, state: 'done' }, stored.version);
}

/** New tables join a log that is followed. @throws PenstockError PS1004 where nothing was copied yet, PS1001 where the source has no log */
export async function refuseWithoutLog(context: OperationContext): Promise<void> {
  const { settings, source } = context;
  if (source.mode === 'full') {
    throw new PenstockError(
      'PS1001',
      `source.extractType of ${settings.pipeline} is full extracts: there is no log that new tables could join`,
      { remedy: 'Run `penstock full-extract --table` for the new tables.' },
    );
  }
  await refuseUncopied(context);
}

/** @throws PenstockError PS1004 where no table was copied yet */
export async function refuseUncopied({
  host,
  settings,
}: {
  readonly host: Host;
  readonly settings: PipelineSettings;
}): Promise<void> {
  const catalog = new Catalog(settings.pipeline, host);
  const { position } = await catalog.head();
  const isFollowed = followedTables(settings, await catalog.tables()).length > 0;
  if (position !== null && isFollowed) return;
  throw new PenstockError(
    'PS1004',
    `new tables join the log that the others follow, and pipeline ${settings.pipeline} was never copied`,
    { remedy: 'Run `penstock full-extract` once; it copies the new tables too.' },
  );
}
