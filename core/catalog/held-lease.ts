import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import type { Host } from '../host/host.ts';
import { BRIEFLY, isWantedByAnother, leaseKey, type LeaseRole } from './lease-request.ts';
import { putOnce } from './put-once.ts';
import { leaseRecord, parseRecord, type LeaseRecord } from './records.ts';

/** How long a lease lasts without renewal, in milliseconds. A pause longer than this is met by fencing, not by time. */
export const LEASE_MILLISECONDS = 30_000;
const RENEW_MILLISECONDS = LEASE_MILLISECONDS / 3;

/** A lease of this process, as it was written last. */
export interface HeldLease {
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
export async function acquire(host: Host, pipeline: string, role: LeaseRole): Promise<HeldLease | PenstockError> {
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
export async function renewUntil(
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
export async function stillOurs(host: Host, pipeline: string, role: LeaseRole, held: HeldLease): Promise<boolean> {
  const item = await host.items.get(leaseKey(pipeline, role)).catch(() => null);
  if (item === null) return false;
  const found = parseRecord(leaseRecord, item);
  if (found.owner !== held.record.owner || found.epoch !== held.record.epoch) return false;
  held.record = found;
  held.version = item.version;
  return true;
}

/**
 * Gives the lease back by ending its time, if it is still ours; failing that it runs out by itself.
 * @returns what was left of it; null: it was not ours any more, or may not have been given back
 */
export async function release(host: Host, pipeline: string, role: LeaseRole, epoch: number): Promise<HeldLease | null> {
  try {
    const item = await host.items.get(leaseKey(pipeline, role));
    if (item === null) return null;
    const found = parseRecord(leaseRecord, item);
    if (found.owner !== host.owner || found.epoch !== epoch) return null;
    const record = { ...found, until: 0 };
    return { record, version: await host.items.put(item.key, record, item.version) };
  } catch (error) {
    host.log.warn('lease not given back; it runs out by itself', {
      role,
      reason: error instanceof Error ? error.message : String(error),
    });
    return null;
  }
}
