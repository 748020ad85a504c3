import type { SourcePosition } from '../../changes/position.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { catalogOf } from '../contexts.ts';
import { followAndLoad, neverCopied } from './follow-and-load.ts';
import { fullExtract } from '../copying/full-extract.ts';
import type { OperationContext } from '../operation-context.ts';

/** What a delta did. */
export interface DeltaResult {
  /** The last extract before and after. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly position: SourcePosition | null;
  /** Tables that are stopped now, by id. */
  readonly stopped: readonly string[];
}

/**
 * Extracts everything up to the place where the log ends when it starts, loads it, and ends.
 * A source that is read by full extracts is copied again instead.
 * @throws PenstockError PS1004 before the first full extract, PS1007 when the pipeline is at work elsewhere
 */
export async function delta(context: OperationContext): Promise<DeltaResult> {
  if (context.source.mode === 'full') return deltaByFullExtract(context);
  const catalog = catalogOf(context);
  const before = await catalog.head();
  if (before.position === null) throw neverCopied(context);
  const totals = { rows: 0 };
  const until = await keepTrying(context.host, context.settings.pipeline, 'source', context.signal, () =>
    context.source.currentPosition(context.signal),
  );
  const counting: OperationContext = {
    ...context,
    progress: (update) => {
      if (update.tag === 'extract') totals.rows += update.rows;
      context.progress(update);
    },
  };
  await followAndLoad(counting, until);
  const after = await catalog.head();
  return {
    from: before.lastExtract,
    to: after.lastExtract,
    rows: totals.rows,
    position: after.position,
    stopped: await stoppedTables(context),
  };
}

export async function stoppedTables(context: OperationContext): Promise<string[]> {
  const records = await catalogOf(context).tables();
  return records.filter((record) => record.state.tag === 'stopped').map((record) => record.table);
}

async function deltaByFullExtract(context: OperationContext): Promise<DeltaResult> {
  const result = await fullExtract(context, { tables: null });
  const { lastExtract, position } = await catalogOf(context).head();
  const rows = result.tables.reduce((total, table) => total + table.rows, 0);
  return { from: lastExtract, to: lastExtract, rows, position, stopped: await stoppedTables(context) };
}
