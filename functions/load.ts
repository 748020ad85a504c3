import * as z from 'zod';
import { withLeaseInTurn, type Lease } from '../core/catalog/lease.ts';
import { ReusedLease } from '../core/catalog/reused-lease.ts';
import { hasCode, PenstockError } from '../core/errors/penstock-error.ts';
import { backoffMilliseconds, retryOf } from '../core/errors/retry-policy.ts';
import { emitError } from '../core/events/flow-events.ts';
import { reportHalt } from '../core/events/report-halt.ts';
import { Loader } from '../core/loads/load.ts';
import { SeenTables } from '../core/loads/seen-tables.ts';
import { catalogOf, loadContext } from '../core/operations/contexts.ts';
import type { OperationContext } from '../core/operations/operation-context.ts';
import { removeSomeExpired, RETENTION_MILLISECONDS } from '../core/operations/retention/retention.ts';
import { haltScheduler, schedulerStanding } from '../core/operations/scheduling/scheduler.ts';
import { SWITCH_MILLISECONDS, SwitchedOff, untilSwitchedOff } from '../core/operations/scheduling/while-switched-on.ts';
import { pipelineFunction, type PipelineInvocation } from './pipeline-function.ts';

/**
 * A wake-up: of the catalog's stream, of the schedule's tick, of this function itself. What it carries is not looked at.
 * `drain`: a step of an operation, which waits until everything visible is loaded.
 */
const input = z.union([
  z.object({ drain: z.literal(true) }).transform(() => 'drain' as const),
  z.unknown().transform(() => 'wake-up' as const),
]);

/** No extract is begun in this last share of the time, which the one under way may need. */
const RESERVED_SHARE = 0.1;
const MOST_RESERVED_MILLISECONDS = 60_000;
/** A destination that is still out of reach then is waited for by nobody: the next wake-up tries again, and costs less. */
const TRIES = 4;

/**
 * Loads what is visible and not loaded, under the loader's lease, while the scheduler is on or for an operation. Where nothing is, it
 * reads two items of the catalog and touches nothing else. Staging tables stay: the next call uses them again.
 */
export const handler = pipelineFunction({
  name: 'load',
  input,
  async work(why, context) {
    const found = why === 'wake-up' ? await catalogOf(context).outstanding() : null;
    if (found !== null && !(found.isBehind && (await isSwitchedOn(context)))) return { more: false };
    const { clock, wakeUps } = context.host;
    const left = context.deadline - clock.now();
    const enough = context.deadline - Math.min(MOST_RESERVED_MILLISECONDS, left * RESERVED_SHARE);
    const isEnough = (): boolean => clock.now() >= enough;
    const ended = await loadUnderLease(why, context, { isEnough, isReplayPending: found?.isReplayPending ?? false });
    if (ended === 'elsewhere') return { more: false };
    // Something is left for lack of time only; what became visible meanwhile has woken the next call already.
    const more = ended === 'unfinished' || (isEnough() && (await isBehind(context)));
    if (more && isEnough() && why === 'wake-up') wakeUps.signal(context.settings.pipeline);
    return { more };
  },
});

/** A call for each extract would read the records of all tables each time. */
const seen = new WeakMap<PipelineInvocation['host'], SeenTables>();

function seenTables({ host }: PipelineInvocation): SeenTables {
  const known = seen.get(host) ?? new SeenTables();
  seen.set(host, known);
  return known;
}

/** A call for each extract would take the lease and give it back each time: two writes. */
const leases = new WeakMap<PipelineInvocation['host'], ReusedLease>();

function reusedLease(host: PipelineInvocation['host']): ReusedLease {
  const known = leases.get(host) ?? new ReusedLease();
  leases.set(host, known);
  return known;
}

/** When the switch was seen on, in milliseconds: not each of many wake-ups looks at it. */
const seenOn = new WeakMap<PipelineInvocation['host'], number>();

async function isSwitchedOn(context: PipelineInvocation): Promise<boolean> {
  const { host } = context;
  const now = host.clock.now();
  if (now - (seenOn.get(host) ?? 0) < SWITCH_MILLISECONDS) return true;
  const { on } = await schedulerStanding(catalogOf(context));
  if (on) seenOn.set(host, now);
  return on;
}

async function isBehind(context: PipelineInvocation): Promise<boolean> {
  return (await catalogOf(context).outstanding()).isBehind;
}

/**
 * `elsewhere`: another loader is at work, or an operation wants to be; either loads what is there. `unfinished`: tables that are behind
 * the others, or are replayed by a rollback, have not caught up.
 */
async function loadUnderLease(
  why: z.output<typeof input>,
  context: PipelineInvocation,
  { isEnough, isReplayPending }: { readonly isEnough: () => boolean; readonly isReplayPending: boolean },
): Promise<'here' | 'elsewhere' | 'unfinished'> {
  const { host, settings, signal } = context;
  const underLease = async (lease: Lease, leaseSignal: AbortSignal): Promise<'here' | 'unfinished'> => {
    const loader = await loadWhileOn(why, { ...context, signal: leaseSignal }, lease, isEnough);
    // A rollback that died before it wrote to the ledger left its mark alone.
    if (isReplayPending && !loader.isUnfinished) await catalogOf(context).replays.end(lease);
    if (!isEnough()) await retain({ ...context, signal: leaseSignal }, lease);
    return loader.isUnfinished ? 'unfinished' : 'here';
  };
  try {
    if (why === 'drain') return await withLeaseInTurn(host, settings.pipeline, 'loader', signal, underLease);
    return await reusedLease(host).use(host, settings.pipeline, 'loader', signal, underLease);
  } catch (error) {
    if (why === 'wake-up' && hasCode(error, 'PS1007', 'PS1009')) return 'elsewhere';
    if (error instanceof SwitchedOff) {
      seenOn.delete(host);
      return 'elsewhere';
    }
    // The extract under way was cut off and is loaded by the next call, which has all of its time for it.
    if (hasCode(error, 'PS1011')) return 'here';
    if (retryOf(error) === 'manual') await halt(why, context, error);
    throw error;
  }
}

/** When old extracts were looked for last, in milliseconds: hardly ever is there one, and each look is billed. */
const retained = new WeakMap<PipelineInvocation['host'], number>();

/** Removes a batch of old extracts; what is left goes with the next calls. That it fails keeps nobody from loading. */
async function retain(context: PipelineInvocation, { hold }: Lease): Promise<void> {
  const { host } = context;
  const now = host.clock.now();
  if (now - (retained.get(host) ?? Number.NEGATIVE_INFINITY) < RETENTION_MILLISECONDS) return;
  retained.set(host, now);
  await hold?.();
  if (await removeSomeExpired(context)) retained.delete(host);
}

/** A step of an operation fails with its operation, whose end is reported. */
async function halt(why: z.output<typeof input>, context: PipelineInvocation, error: unknown): Promise<void> {
  if (why === 'drain') reportHalt(context.host, context.settings.pipeline, error);
  else if (await haltScheduler(context.host, catalogOf(context), error, context.signal)) seenOn.delete(context.host);
}

/** A step of an operation does not ask whether the scheduler is on. */
async function loadWhileOn(
  why: z.output<typeof input>,
  context: PipelineInvocation,
  lease: Lease,
  isEnough: () => boolean,
): Promise<Loader> {
  const load = async (bound: OperationContext): Promise<Loader> => {
    const loader = new Loader(loadContext(bound, lease, bound.signal), seenTables(context));
    await loadAvailable(bound, loader, isEnough);
    return loader;
  };
  return why === 'drain' ? load(context) : untilSwitchedOff(context, load);
}

async function loadAvailable(context: OperationContext, loader: Loader, isEnough: () => boolean): Promise<void> {
  const { host, signal } = context;
  for (let attempt = 1; ; attempt++) {
    try {
      await loader.loadAvailable(isEnough);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (retryOf(error) !== 'timed' || hasCode(error, 'PS1009') || !(error instanceof PenstockError)) throw error;
      const { message, code } = error;
      emitError(host, context.settings.pipeline, 'RetryError', { message, errorId: code });
      if (attempt === TRIES) throw error;
      host.log.warn('load failed; trying again', { attempt, reason: message });
      await host.clock.sleep(backoffMilliseconds(attempt, host.randomness.fraction()), signal);
    }
  }
}
