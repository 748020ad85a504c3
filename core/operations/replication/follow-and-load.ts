import { withSharedLease, type Lease } from '../../catalog/lease.ts';
import { workingForOperation } from '../../catalog/operation-lease.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { followLog } from '../../extracts/follow-log.ts';
import { loadForever } from '../../loads/load-forever.ts';
import type { LoadContext } from '../../loads/load-context.ts';
import { catalogOf, followContext, loadContext } from '../contexts.ts';
import { droppingStaging } from './drop-staging.ts';
import type { OperationContext } from '../operation-context.ts';
import { prepareLog } from './prepare-log.ts';
import { keepRetention, removeSomeExpired } from '../retention/retention.ts';
import { summariseForever } from '../reports/summarise-runs.ts';

/** Reader and loader side by side, each under its lease; ends when the reader has reached `until` and all is loaded, or by the signal. */
export async function followAndLoad(context: OperationContext, until: SourcePosition | null): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const reading = readLog(context, until, signal);
  const loading = loadExtracts(context, reading, signal);
  const ended = new AbortController();
  const summing = summariseForever(context.host, catalogOf(context), AbortSignal.any([signal, ended.signal]));
  try {
    await allOrFirstFailure([reading, loading], failed);
  } finally {
    ended.abort();
    await summing;
  }
}

/**
 * The reader's part: takes its lease, hands it over where it is asked for, and makes the log extracts, until `until` is reached or the
 * signal aborts.
 * What passes by itself is tried again. @throws PenstockError PS1004, PS1007, and what somebody has to mend
 */
export async function readLog(
  context: OperationContext,
  until: SourcePosition | null,
  signal: AbortSignal,
): Promise<void> {
  const { host, settings } = context;
  await withSharedLease(host, settings.pipeline, 'reader', signal, (lease, leaseSignal) =>
    readUnderLease(context, lease, until, leaseSignal),
  );
}

/**
 * The reader's part of an operation that holds the log: makes extracts of all that was committed at the source by now.
 * @throws PenstockError PS1004, PS3002 where the operation does not hold the log, and what somebody has to mend
 */
export async function readLogForOperation(context: OperationContext, operation: string): Promise<void> {
  const { host, settings, source, signal } = context;
  await workingForOperation(host, settings.pipeline, operation, signal, async (lease, leaseSignal) => {
    const until = await keepTrying(host, settings.pipeline, 'source', leaseSignal, () =>
      source.currentPosition(leaseSignal),
    );
    await readUnderLease(context, lease, until, leaseSignal);
  });
}

/** Makes the log extracts under a lease that the caller holds. @throws PenstockError as {@link readLog} */
export async function readUnderLease(
  context: OperationContext,
  lease: Lease,
  until: SourcePosition | null,
  signal: AbortSignal,
): Promise<void> {
  const { host, settings } = context;
  await keepTrying(host, settings.pipeline, 'read', signal, async (progressed) => {
    const known = (await catalogOf(context).head()).position;
    if (known === null) throw neverCopied(context);
    try {
      const chosen = await followContext(context, lease, until, signal);
      // Tables that were chosen and never copied are not missed yet: they wait for their copy, and hold up nobody.
      const waiting = settings.tables.length - chosen.tables.length;
      if (waiting > 0) host.log.warn('tables are not followed before they are copied', { tables: waiting });
      const following = await prepareLog(chosen, known);
      await followLog({
        ...following,
        onExtract: (extract) => {
          progressed();
          following.onExtract(extract);
        },
      });
    } catch (error) {
      throw await unlessOvertaken(context, lease, known, error);
    }
  });
}

/**
 * The loader's part: takes its lease, hands it over where it is asked for, loads what is visible and removes what is old, until the signal
 * aborts or, with `drained`, until that has resolved and nothing is left.
 */
export async function loadExtracts(
  context: OperationContext,
  drained: Promise<void> | null,
  signal: AbortSignal,
): Promise<void> {
  const { host, settings } = context;
  await withSharedLease(host, settings.pipeline, 'loader', signal, (lease, leaseSignal) =>
    droppingStaging(context, loadContext(context, lease, leaseSignal), (load) =>
      loadAndRetain({ ...context, signal: leaseSignal }, load, drained),
    ),
  );
}

/** Loads, and beside it removes extracts that are older than they are to be kept; a batch of them in any case when all is loaded. */
async function loadAndRetain(
  context: OperationContext,
  load: LoadContext,
  drained: Promise<void> | null,
): Promise<void> {
  const ended = new AbortController();
  const retaining = keepRetention({ ...context, signal: AbortSignal.any([context.signal, ended.signal]) });
  try {
    await loadForever(load, drained);
  } finally {
    ended.abort();
    await retaining;
  }
  await removeSomeExpired(context);
}

/**
 * A reader that slept while another one took over finds its log released up to the other's position; so does one that takes over, where
 * the one before it made its last move after the position was read. That log is not gone.
 */
async function unlessOvertaken(
  context: OperationContext,
  lease: Lease,
  known: SourcePosition,
  error: unknown,
): Promise<unknown> {
  if (!hasCode(error, 'PS2001', 'PS2006')) return error;
  const { pipeline } = context.settings;
  const { epoch, position } = await catalogOf(context).head();
  if (epoch > lease.epoch) {
    const what = `reader of ${pipeline} has epoch ${lease.epoch}, but epoch ${epoch} is at work`;
    return new PenstockError('PS3002', what, { cause: error });
  }
  if (position?.order === known.order) return error;
  return new PenstockError('PS3005', `the head of ${pipeline} was moved by the reader before`, { cause: error });
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

/** The error of a pipeline that has no position yet. */
export function neverCopied(context: OperationContext): PenstockError {
  return new PenstockError('PS1004', `pipeline ${context.settings.pipeline} was never copied`);
}
