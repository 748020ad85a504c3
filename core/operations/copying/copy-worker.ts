import type { Versioned } from '../../catalog/catalog.ts';
import type { Lease } from '../../catalog/lease.ts';
import { workingForOperation } from '../../catalog/operation-lease.ts';
import type { ChunkRecord } from '../../catalog/records.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { ChunkClaims, type Claim } from './chunk-claims.ts';
import { runUnderWay, tablesInProgress } from './copy-in-progress.ts';
import { concernsTable, readIntoStore, TAKEN_MILLISECONDS, type CopyTable } from './copy-table.ts';
import { openDescribedSnapshot, type DescribedSnapshot } from './described-snapshot.ts';
import { forgetWhereGone, placeToReopen } from './run-snapshot.ts';

export interface CopyWorkerOptions {
  readonly operation: string;
  /** 0-based number of this worker among `workers`: each begins elsewhere in the list, so that they seldom want the same chunk. */
  readonly worker: number;
  readonly workers: number;
  /** Chunks that this process reads at once. */
  readonly threads: number;
}

/**
 * Reads chunks of the full extract under way, at the snapshot that it was planned at where the source can show that once more, else at one of its own, until there is none left to take; loading them is others' work.
 * A table that cannot be read has a chunk marked as failed; the others go on.
 * @returns how many chunks it extracted
 * @throws PenstockError PS3002 where the operation does not hold the log (any more); what concerns all tables
 */
export async function copyWorker(context: OperationContext, options: CopyWorkerOptions): Promise<number> {
  const { host, settings, signal } = context;
  const counted = { chunks: 0 };
  await workingForOperation(host, settings.pipeline, options.operation, signal, (lease, leaseSignal) =>
    // Each try opens a snapshot: one whose connections were lost is of no use.
    keepTrying(host, settings.pipeline, 'copy', leaseSignal, (progressed) =>
      copyAtOneSnapshot({ ...context, signal: leaseSignal }, lease, options, () => {
        counted.chunks++;
        progressed();
      }),
    ),
  );
  return counted.chunks;
}

async function copyAtOneSnapshot(
  context: OperationContext,
  lease: Lease,
  options: CopyWorkerOptions,
  extracted: () => void,
): Promise<void> {
  const failed = new AbortController();
  const bound: OperationContext = { ...context, signal: AbortSignal.any([context.signal, failed.signal]) };
  const { record: run } = await runUnderWay(bound);
  const planned = await tablesInProgress(bound, run, lease);
  if (planned.length === 0) return;
  const ids = planned.map((table) => table.id);
  const place = placeToReopen(run, await catalogOf(bound).head());
  const described = await openDescribedSnapshot(bound, ids, options.threads, place);
  await using snapshot = described.snapshot;
  const tables = planned.filter((table) => isAsPlanned(bound, described, table));
  const claims = new ChunkClaims(bound, snapshot, `${context.host.owner}/${options.worker}`, rotated(tables, options));
  const threads = Array.from({ length: options.threads }, async () => {
    try {
      for (let claim = await claims.next(); claim !== null; claim = await claims.next()) {
        const state = await extractClaimed(bound, described, claim);
        if (state === 'extracted') extracted();
        else if (state === 'failed') claims.giveUp(claim.table.id);
      }
    } catch (error) {
      failed.abort(error);
    }
  });
  await Promise.all(threads);
  await forgetWhereGone(context, run.run, failed.signal.reason);
  bound.signal.throwIfAborted();
}

/**
 * A table whose structure changed since it was planned is left alone: the changes in the log before that would not go with a copy of
 * the new structure. The next attempt plans it anew.
 */
function isAsPlanned(
  { host }: OperationContext,
  { structures }: DescribedSnapshot,
  { id, schema }: CopyTable,
): boolean {
  const structure = structures.get(id);
  if (structure instanceof PenstockError || structure?.fingerprint === schema.fingerprint) return true;
  host.log.warn('the structure changed since the copy was planned; the next attempt copies the table anew', {
    table: id,
  });
  return false;
}

/** Each worker begins at its own share of the tables, and of the chunks of each. */
function rotated(tables: readonly CopyTable[], { worker, workers }: CopyWorkerOptions): CopyTable[] {
  return startingAt(tables, worker / workers).map((table) => ({
    ...table,
    chunks: startingAt(table.chunks, worker / workers),
  }));
}

function startingAt<Item>(items: readonly Item[], share: number): Item[] {
  const start = Math.floor(items.length * share);
  return [...items.slice(start), ...items.slice(0, start)];
}

/** @returns `failed` where the chunk cannot be read, `lost` where another worker took it over */
async function extractClaimed(
  context: OperationContext,
  { snapshot, structures }: DescribedSnapshot,
  { table, chunk }: Claim,
): Promise<'extracted' | 'failed' | 'lost'> {
  const { host, signal } = context;
  const catalog = catalogOf(context);
  const { index, range } = chunk.record;
  const taken = new TakenChunk(context, table, chunk);
  let state: ChunkRecord['state'];
  try {
    const structure = structures.get(table.id);
    if (structure instanceof PenstockError) throw structure;
    state = await readIntoStore(host, catalog, snapshot, table, chunk.record, signal);
  } catch (error) {
    if (signal.aborted || !concernsTable(error) || error.retry === 'timed') throw error;
    const { code, message, remedy } = error;
    state = { tag: 'failed', code, message, remedy };
  } finally {
    await taken.release();
  }
  try {
    await catalog.putChunk(table.id, table.run.generation, { index, range, state }, taken.version);
  } catch (error) {
    // It was taken over while this worker was paused; what was read here is listed nowhere.
    if (hasCode(error, 'PS3005')) return 'lost';
    throw error;
  }
  await host.failpoint('copy.after-chunk-listed');
  return state.tag === 'extracted' ? 'extracted' : 'failed';
}

/** Keeps a chunk taken while it is read, however long that lasts. */
class TakenChunk {
  readonly #ended = new AbortController();
  readonly #renewal: Promise<void>;
  version: number;

  constructor(context: OperationContext, table: CopyTable, taken: Versioned<ChunkRecord>) {
    this.version = taken.version;
    this.#renewal = this.#renew(context, table, taken.record);
  }

  /** No renewal is on its way when it resolves. */
  async release(): Promise<void> {
    this.#ended.abort();
    await this.#renewal;
  }

  async #renew(context: OperationContext, table: CopyTable, { index, range, state }: ChunkRecord): Promise<void> {
    const { clock } = context.host;
    if (state.tag !== 'taken') return;
    for (;;) {
      try {
        await clock.sleep(TAKEN_MILLISECONDS / 3, this.#ended.signal);
      } catch {
        return;
      }
      const until = clock.now() + TAKEN_MILLISECONDS;
      const record: ChunkRecord = { index, range, state: { ...state, until } };
      try {
        this.version = await catalogOf(context).putChunk(table.id, table.run.generation, record, this.version);
      } catch (error) {
        // It was taken over, or the catalog is out of reach: listing the chunk will tell.
        if (hasCode(error, 'PS3005')) return;
      }
    }
  }
}
