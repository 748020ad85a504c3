import { withLeaseAgain } from '../catalog/lease.ts';
import type { SourcePosition } from '../changes/position.ts';
import { keepTrying } from '../errors/keep-trying.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { followLog } from '../extracts/follow-log.ts';
import { loadForever } from '../loads/load-forever.ts';
import { catalogOf, followContext, loadContext } from './contexts.ts';
import { droppingStaging } from './drop-staging.ts';
import { fullExtract } from './full-extract.ts';
import type { OperationContext } from './operation-context.ts';
import { selectionsOf } from './pipeline-tables.ts';

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

/** Reader and loader side by side, each under its lease; ends when the reader has reached `until` and all is loaded, or by the signal. */
export async function followAndLoad(context: OperationContext, until: SourcePosition | null): Promise<void> {
  const { host, settings } = context;
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const reading = withLeaseAgain(host, settings.pipeline, 'reader', signal, (lease, leaseSignal) =>
    keepTrying(host, settings.pipeline, 'read', leaseSignal, async (progressed) => {
      const known = (await catalogOf(context).head()).position;
      if (known === null) throw neverCopied(context);
      await context.source.prepare(selectionsOf(settings), known, leaseSignal);
      const following = await followContext(context, lease, until, leaseSignal);
      await followLog({
        ...following,
        onExtract: (extract) => {
          progressed();
          following.onExtract(extract);
        },
      });
    }),
  );
  const loading = withLeaseAgain(host, settings.pipeline, 'loader', signal, (lease, leaseSignal) =>
    droppingStaging(context, loadContext(context, lease, leaseSignal), (load) => loadForever(load, reading)),
  );
  await allOrFirstFailure([reading, loading], failed);
}

/** Waits for all; the first failure ends the others and is what is thrown. */
async function allOrFirstFailure(works: readonly Promise<unknown>[], failed: AbortController): Promise<void> {
  const guarded = works.map(async (work) => {
    try {
      await work;
    } catch (error) {
      failed.abort(error);
    }
  });
  await Promise.all(guarded);
  failed.signal.throwIfAborted();
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

function neverCopied(context: OperationContext): PenstockError {
  return new PenstockError('PS1004', `pipeline ${context.settings.pipeline} was never copied`);
}
