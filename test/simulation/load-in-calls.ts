import { withLeaseInTurn, type Lease } from '../../core/catalog/lease.ts';
import { ReusedLease } from '../../core/catalog/reused-lease.ts';
import { hasCode } from '../../core/errors/penstock-error.ts';
import { retryOf } from '../../core/errors/retry-policy.ts';
import { Loader } from '../../core/loads/load.ts';
import { SeenTables } from '../../core/loads/seen-tables.ts';
import { catalogOf, loadContext } from '../../core/operations/contexts.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { removeSomeExpired } from '../../core/operations/retention/retention.ts';

/** How long nobody calls, in milliseconds, where no wake-up comes: the schedule's tick. */
const TICK_MILLISECONDS = 5000;

/** Each call of so many is one that a state machine makes after its operation: it loads whether something is visible or not. */
const DRAIN = 5;

/** Loads as functions/load.ts does: in short calls, each for a wake-up, by a process that keeps what the call before left. */
export async function loadInCalls(context: OperationContext): Promise<void> {
  const { host, settings, signal } = context;
  const kept = { lease: new ReusedLease(), seen: new SeenTables() };
  for (let calls = 1; !signal.aborted; calls++) {
    try {
      await call(context, kept, calls % DRAIN === 0);
    } catch (error) {
      signal.throwIfAborted();
      // Whoever has it loads what is there; and what fails in a call is tried again by the next one.
      const isLost = hasCode(error, 'PS1007', 'PS1009', 'PS3002', 'PS4006');
      if (!isLost && retryOf(error) !== 'timed') throw error;
    }
    await host.wakeUps.wait(settings.pipeline, TICK_MILLISECONDS, signal);
  }
}

async function call(
  context: OperationContext,
  { lease, seen }: { readonly lease: ReusedLease; readonly seen: SeenTables },
  drains: boolean,
): Promise<void> {
  const { host, settings, signal } = context;
  const { isBehind, isReplayPending } = await catalogOf(context).outstanding();
  if (!isBehind && !drains) return;
  const work = async (held: Lease, heldSignal: AbortSignal): Promise<void> => {
    const bound = { ...context, signal: heldSignal };
    const loader = new Loader(loadContext(bound, held, heldSignal), seen);
    await loader.loadAvailable();
    if (isReplayPending && !loader.isUnfinished) await catalogOf(context).replays.end(held);
    await held.hold?.();
    await removeSomeExpired(bound);
  };
  if (drains) await withLeaseInTurn(host, settings.pipeline, 'loader', signal, work);
  else await lease.use(host, settings.pipeline, 'loader', signal, work);
}
