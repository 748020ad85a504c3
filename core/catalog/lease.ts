import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import { keepTrying } from '../errors/keep-trying.ts';
import type { Host } from '../host/host.ts';
import { acquire, release, renewUntil, type HeldLease } from './held-lease.ts';
import { askFor, turnOf, WANTED_MILLISECONDS, withdraw, type LeaseRole } from './lease-request.ts';

/**
 * The right to be the only reader or loader of a pipeline, or its only operation that copies tables. Its epoch, which only grows, fences
 * those who held it before.
 */
export interface Lease {
  readonly role: LeaseRole;
  readonly epoch: number;
  /** Whether somebody waits to hear how far the holder has come, see lease-request.ts. */
  readonly isPlaceWanted: () => boolean;
  /**
   * To be called before a write that no epoch fences: resolves when the lease is ours for all to see. Not there: it is so all the time.
   * @throws PenstockError PS3002 when another process took it, PS3004
   */
  readonly hold?: () => Promise<void>;
}

/**
 * Takes a lease, keeps it while `work` runs, and gives it back. The signal that `work` gets aborts when the lease is lost.
 * @throws PenstockError PS1007 when another living process holds it, PS1009 when one does for a moment, PS1008 for an operation
 */
export async function withLease<Result>(
  host: Host,
  pipeline: string,
  role: LeaseRole,
  signal: AbortSignal,
  work: (lease: Lease, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const held = await keepTrying(host, pipeline, `${role} lease`, signal, () => acquire(host, pipeline, role));
  // Not tried again here: whether to wait for the other process is the caller's choice.
  if (held instanceof PenstockError) throw held;
  return holding(host, pipeline, held, role, signal, work);
}

/**
 * As {@link withLease}, but a holder is asked to hand the lease over, and waited for: also one in the same process.
 * @throws PenstockError PS1007 when it did not within a minute: try again
 */
export async function withLeaseInTurn<Result>(
  outer: Host,
  pipeline: string,
  role: LeaseRole,
  signal: AbortSignal,
  work: (lease: Lease, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const host = { ...outer, owner: turnOf(outer) };
  return holding(host, pipeline, await turn(host, pipeline, role, signal), role, signal, work);
}

async function turn(host: Host, pipeline: string, role: LeaseRole, signal: AbortSignal): Promise<HeldLease> {
  const patience = host.clock.now() + WANTED_MILLISECONDS;
  try {
    for (;;) {
      const held = await acquire(host, pipeline, role);
      if (!(held instanceof PenstockError)) return held;
      if (host.clock.now() > patience) throw held;
      await askFor(host, pipeline, role, host.owner);
      await host.clock.sleep(ASK_AGAIN_MILLISECONDS, signal);
    }
  } catch (error) {
    await withdraw(host, pipeline, role);
    throw error;
  }
}

/** How often who has asked for a lease looks whether it is free, in milliseconds. */
const ASK_AGAIN_MILLISECONDS = 1000;

async function holding<Result>(
  host: Host,
  pipeline: string,
  held: HeldLease,
  role: LeaseRole,
  signal: AbortSignal,
  work: (lease: Lease, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { epoch } = held.record;
  try {
    const renew = (ended: AbortSignal): Promise<void> => renewUntil(host, pipeline, role, held, ended);
    return await whileRenewed(renew, signal, (workSignal) =>
      work({ role, epoch, isPlaceWanted: () => held.record.placeWantedUntil > host.clock.now() }, workSignal),
    );
  } finally {
    await release(host, pipeline, role, epoch);
  }
}

/** Does `work` while `renew` runs beside it, which is told when the work has ended; what it rejects with aborts the signal that `work` gets. */
export async function whileRenewed<Result>(
  renew: (ended: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const lost = new AbortController();
  const ended = new AbortController();
  const renewal = renew(ended.signal).catch((error: unknown) => {
    lost.abort(error);
  });
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    ended.abort();
    await renewal;
  }
}

/**
 * As {@link withLease}, but a lease that was lost (a pause of the machine, a catalog out of reach) is taken again and `work` begins anew,
 * unless another living process has it by then.
 */
export async function withLeaseAgain<Result>(
  host: Host,
  pipeline: string,
  role: LeaseRole,
  signal: AbortSignal,
  work: (lease: Lease, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await withLease(host, pipeline, role, signal, work);
    } catch (error) {
      if (signal.aborted || !hasCode(error, 'PS3002', 'PS4006')) throw error;
      host.log.warn('the lease was lost; trying to take it again', { role, reason: error.message });
    }
  }
}

/** How long who has handed a lease over waits to have it back, in milliseconds. */
const BACK_MILLISECONDS = 15 * 60_000;

/**
 * As {@link withLeaseAgain}, but a lease that somebody has asked for is handed over, and taken again when it is free.
 * @throws PenstockError PS1007 when another living process has it all the time
 */
export async function withSharedLease<Result>(
  host: Host,
  pipeline: string,
  role: LeaseRole,
  signal: AbortSignal,
  work: (lease: Lease, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  let patience = 0;
  for (;;) {
    try {
      return await withLeaseAgain(host, pipeline, role, signal, work);
    } catch (error) {
      if (signal.aborted) throw error;
      const now = host.clock.now();
      if (hasCode(error, 'PS1009')) {
        host.log.info('the lease is handed over, and taken again when it is free', { role });
        patience = now + BACK_MILLISECONDS;
      } else if (!hasCode(error, 'PS1007') || now > patience) throw error;
    }
    await host.clock.sleep(ASK_AGAIN_MILLISECONDS, signal);
  }
}
