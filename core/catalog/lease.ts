import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import { keepTrying } from '../errors/keep-trying.ts';
import type { Host } from '../host/host.ts';
import {
  askFor,
  BRIEFLY,
  isWantedByAnother,
  leaseKey,
  turnOf,
  WANTED_MILLISECONDS,
  withdraw,
  type LeaseRole,
} from './lease-request.ts';
import { putOnce } from './put-once.ts';
import { leaseRecord, parseRecord, type LeaseRecord } from './records.ts';

/**
 * The right to be the only reader or loader of a pipeline, or its only operation that copies tables. Its epoch, which only grows, fences
 * those who held it before.
 */
export interface Lease {
  readonly role: LeaseRole;
  readonly epoch: number;
  /** Whether somebody waits to hear how far the holder has come, see lease-request.ts. */
  readonly isPlaceWanted: () => boolean;
}

/** How long a lease lasts without renewal, in milliseconds. A pause longer than this is met by fencing, not by time. */
export const LEASE_MILLISECONDS = 30_000;
const RENEW_MILLISECONDS = LEASE_MILLISECONDS / 3;

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

interface HeldLease {
  record: LeaseRecord;
  version: number;
}

/** 2020-01-01, in milliseconds since 1970. */
const FIRST_EPOCH_AT = 1_577_836_800_000;

/** Seconds since 2020: the epochs of a new catalog are greater than those of one that was lost, which the destination's ledger remembers. */
export function firstEpoch(now: number): number {
  return Math.max(0, Math.floor((now - FIRST_EPOCH_AT) / 1000));
}

/** @returns PS1007, PS1008 or PS1009 where another living process holds it */
async function acquire(host: Host, pipeline: string, role: LeaseRole): Promise<HeldLease | PenstockError> {
  const key = leaseKey(pipeline, role);
  for (;;) {
    const item = await host.items.get(key);
    const found = item === null ? null : parseRecord(leaseRecord, item);
    if (found !== null && found.until > host.clock.now() && !host.ownerIsGone(found.owner)) {
      if (role === 'operation') return new PenstockError('PS1008', `${found.owner} works on ${pipeline}`);
      return new PenstockError(
        found.owner.endsWith(BRIEFLY) ? 'PS1009' : 'PS1007',
        `the ${role} of ${pipeline} is ${found.owner}, for ${found.until - host.clock.now()} ms more`,
      );
    }
    if (found !== null && isWantedByAnother(found, host.owner, host)) {
      const by = found.wanted?.by ?? '';
      const code = by.endsWith(BRIEFLY) ? 'PS1009' : 'PS1007';
      return new PenstockError(code, `the ${role} of ${pipeline} is handed over to ${by}`);
    }
    const record = {
      owner: host.owner,
      wanted: null,
      placeWantedUntil: 0,
      epoch: (found?.epoch ?? firstEpoch(host.clock.now())) + 1,
      until: host.clock.now() + LEASE_MILLISECONDS,
      token: host.randomness.identifier(),
    };
    try {
      return { record, version: await putOnce(host.items, key, record, item?.version ?? null) };
    } catch (error) {
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }
}

/** Renews until `ended` aborts; rejects when somebody else took the lease or asked for it. A catalog out of reach is borne until the lease has run out. */
async function renewUntil(
  host: Host,
  pipeline: string,
  role: LeaseRole,
  held: HeldLease,
  ended: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await untilRenewal(host, pipeline, role, held, ended);
    } catch {
      return;
    }
    const record = {
      ...held.record,
      until: host.clock.now() + LEASE_MILLISECONDS,
      token: host.randomness.identifier(),
    };
    try {
      held.version = await putOnce(host.items, leaseKey(pipeline, role), record, held.version);
      held.record = record;
    } catch (error) {
      const taken = hasCode(error, 'PS3005') && !(await stillOurs(host, pipeline, role, held));
      if (!taken && isWantedByAnother(held.record, host.owner, host)) {
        throw new PenstockError(
          'PS1009',
          `the ${role} of ${pipeline} is handed over to ${held.record.wanted?.by ?? ''}`,
        );
      }
      if (taken || host.clock.now() > held.record.until) {
        throw new PenstockError(
          'PS3002',
          `the ${role} lease of ${pipeline} was ${taken ? 'taken by another process' : 'not renewed in time'}`,
          { cause: error },
        );
      }
    }
  }
}

/** Until the renewal is due, or somebody wrote the lease: who asks for it does. Rejects when `ended` aborts. */
async function untilRenewal(
  host: Host,
  pipeline: string,
  role: LeaseRole,
  held: HeldLease,
  ended: AbortSignal,
): Promise<void> {
  const due = host.clock.now() + RENEW_MILLISECONDS;
  const look = Math.min(host.leaseLookMilliseconds ?? RENEW_MILLISECONDS, RENEW_MILLISECONDS);
  for (;;) {
    await host.clock.sleep(look, ended);
    if (host.clock.now() >= due) return;
    const item = await host.items.get(leaseKey(pipeline, role)).catch(() => null);
    if (item !== null && item.version !== held.version) return;
  }
}

/** A renewal whose reply was lost moves the version, too: then the lease is ours as it stands. */
async function stillOurs(host: Host, pipeline: string, role: LeaseRole, held: HeldLease): Promise<boolean> {
  const item = await host.items.get(leaseKey(pipeline, role)).catch(() => null);
  if (item === null) return false;
  const found = parseRecord(leaseRecord, item);
  if (found.owner !== held.record.owner || found.epoch !== held.record.epoch) return false;
  held.record = found;
  held.version = item.version;
  return true;
}

/** Gives the lease back by ending its time, if it is still ours; failing that it runs out by itself. */
async function release(host: Host, pipeline: string, role: LeaseRole, epoch: number): Promise<void> {
  try {
    const item = await host.items.get(leaseKey(pipeline, role));
    if (item === null) return;
    const found = parseRecord(leaseRecord, item);
    if (found.owner !== host.owner || found.epoch !== epoch) return;
    await host.items.put(item.key, { ...found, until: 0 }, item.version);
  } catch (error) {
    host.log.warn('lease not given back; it runs out by itself', {
      role,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}
