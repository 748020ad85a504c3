import { keepTrying } from '../errors/keep-trying.ts';
import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import type { Host } from '../host/host.ts';
import { firstEpoch } from './held-lease.ts';
import { whileRenewed, type Lease } from './lease.ts';
import { askFor, isWantedByAnother, leaseKey } from './lease-request.ts';
import { putOnce } from './put-once.ts';
import { leaseRecord, parseRecord, type LeaseRecord } from './records.ts';

/**
 * An operation that many short processes do one after the other, and some side by side, holds the reader's lease under its own name:
 * nobody else reads the log meanwhile. Whoever works for it keeps the lease alive. One that goes on beside the reader holds the
 * operation's lease instead.
 */

/** What an operation holds from its beginning to its end. */
export type Hold = Exclude<Lease['role'], 'loader'>;

const OWNER_PREFIX = 'operation/';
/** How long an operation that nobody works for keeps the log from being read, in milliseconds. */
const OPERATION_MILLISECONDS = 10 * 60_000;
/** An operation reads to a place of its own, and is done there. */
const nobodyAsks = (): boolean => false;
const RENEW_MILLISECONDS = 30_000;

/**
 * Takes the lease for an operation, or goes on holding it. A reader at work is asked to hand it over.
 * @throws PenstockError PS1008 where another operation is at work, PS1007 until the reader has handed it over: try again
 */
export async function takeForOperation(
  host: Host,
  pipeline: string,
  operation: string,
  hold: Hold = 'reader',
): Promise<Lease> {
  const lease = await take(host, pipeline, operation, hold);
  try {
    // Only then: of two that take a lease each at the same time, at least one sees the other.
    await refuseBeside(host, pipeline, operation, hold === 'reader' ? 'operation' : 'reader');
  } catch (error) {
    await endForOperation(host, pipeline, operation);
    throw error;
  }
  return lease;
}

/** Whether another operation holds the other lease; a reader that does is no obstacle. @throws PenstockError PS1008 */
async function refuseBeside(host: Host, pipeline: string, operation: string, other: Hold): Promise<void> {
  const item = await host.items.get(leaseKey(pipeline, other));
  if (item === null) return;
  const { owner, until } = parseRecord(leaseRecord, item);
  if (until <= host.clock.now() || owner === OWNER_PREFIX + operation || host.ownerIsGone(owner)) return;
  if (other === 'operation') throw new PenstockError('PS1008', `${nameOf(owner)} works on ${pipeline}`);
  refuseOther(pipeline, owner);
}

async function take(host: Host, pipeline: string, operation: string, hold: Hold): Promise<Lease> {
  const key = leaseKey(pipeline, hold);
  const owner = OWNER_PREFIX + operation;
  for (;;) {
    const item = await host.items.get(key);
    const found = item === null ? null : parseRecord(leaseRecord, item);
    const now = host.clock.now();
    if (found !== null) await refuseOrAsk(host, pipeline, found, owner, hold);
    const isOurs = found !== null && found.owner === owner && found.until > now;
    const epoch = isOurs ? found.epoch : (found?.epoch ?? firstEpoch(now)) + 1;
    const token = host.randomness.identifier();
    const record: LeaseRecord = {
      owner,
      epoch,
      until: now + OPERATION_MILLISECONDS,
      wanted: null,
      placeWantedUntil: 0,
      token,
    };
    try {
      await putOnce(host.items, key, record, item?.version ?? null);
      return { role: hold, epoch, isPlaceWanted: nobodyAsks };
    } catch (error) {
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }
}

async function refuseOrAsk(host: Host, pipeline: string, found: LeaseRecord, owner: string, hold: Hold): Promise<void> {
  const now = host.clock.now();
  const isFree = found.until <= now || found.owner === owner || host.ownerIsGone(found.owner);
  if (!isFree) {
    refuseOther(pipeline, found.owner);
    if (hold === 'operation') throw new PenstockError('PS1008', `${found.owner} works on ${pipeline}`);
    await askFor(host, pipeline, hold, owner);
    throw new PenstockError('PS1007', `the reader of ${pipeline} is ${found.owner}; it was asked to hand over`);
  }
  if (isWantedByAnother(found, owner, host)) refuseOther(pipeline, found.wanted?.by ?? '');
}

/** One operation at a time. */
function refuseOther(pipeline: string, owner: string): void {
  if (!owner.startsWith(OWNER_PREFIX)) return;
  throw new PenstockError('PS1008', `${nameOf(owner)} works on ${pipeline}`);
}

function nameOf(owner: string): string {
  return owner.startsWith(OWNER_PREFIX) ? owner.slice(OWNER_PREFIX.length) : owner;
}

/** The operation that is at work now, with the log or beside its reader; null: none. */
export async function operationAtWork(host: Pick<Host, 'items' | 'clock'>, pipeline: string): Promise<string | null> {
  for (const hold of ['reader', 'operation'] as const) {
    const item = await host.items.get(leaseKey(pipeline, hold));
    const found = item === null ? null : parseRecord(leaseRecord, item);
    const isOperation = hold === 'operation' || found?.owner.startsWith(OWNER_PREFIX) === true;
    if (found !== null && isOperation && found.until > host.clock.now()) return nameOf(found.owner);
  }
  return null;
}

/**
 * Works for an operation that holds the lease, and keeps it alive meanwhile; does not give it back.
 * The signal that `work` gets aborts when the operation has ended or was overtaken.
 * @throws PenstockError PS3002 where the operation does not hold the lease
 */
export async function workingForOperation<Result>(
  host: Host,
  pipeline: string,
  operation: string,
  signal: AbortSignal,
  work: (lease: Lease, signal: AbortSignal) => Promise<Result>,
  hold: Hold = 'reader',
): Promise<Result> {
  const epoch = await keepTrying(host, pipeline, 'operation lease', signal, () =>
    renew(host, pipeline, operation, hold),
  );
  const renewal = (ended: AbortSignal): Promise<void> => renewUntil(host, pipeline, operation, hold, ended);
  return whileRenewed(renewal, signal, (workSignal) =>
    work({ role: hold, epoch, isPlaceWanted: nobodyAsks }, workSignal),
  );
}

/** Gives back what the operation holds; safe to repeat. */
export async function endForOperation(host: Host, pipeline: string, operation: string): Promise<void> {
  await release(host, pipeline, operation, 'reader');
  await release(host, pipeline, operation, 'operation');
}

async function release(host: Host, pipeline: string, operation: string, hold: Hold): Promise<void> {
  for (;;) {
    const held = await find(host, pipeline, operation, hold);
    if (held === null) return;
    try {
      const { record, version } = held;
      const released = { ...record, until: 0, token: host.randomness.identifier() };
      await putOnce(host.items, leaseKey(pipeline, hold), released, version);
      return;
    } catch (error) {
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }
}

async function renewUntil(
  host: Host,
  pipeline: string,
  operation: string,
  hold: Hold,
  ended: AbortSignal,
): Promise<void> {
  let until = host.clock.now() + OPERATION_MILLISECONDS;
  for (;;) {
    try {
      await host.clock.sleep(RENEW_MILLISECONDS, ended);
    } catch {
      return;
    }
    try {
      await renew(host, pipeline, operation, hold);
      until = host.clock.now() + OPERATION_MILLISECONDS;
    } catch (error) {
      // A catalog out of reach is borne until the lease has run out.
      if (hasCode(error, 'PS3002') || host.clock.now() > until) throw error;
    }
  }
}

/** Several work for one operation: who finds the lease just renewed by another leaves it. @returns the lease's epoch */
async function renew(host: Host, pipeline: string, operation: string, hold: Hold): Promise<number> {
  for (;;) {
    const held = await find(host, pipeline, operation, hold);
    if (held === null) {
      throw new PenstockError(
        'PS3002',
        `${operation} does not hold the ${hold === 'reader' ? 'log' : hold} of ${pipeline} (any more)`,
      );
    }
    const { record, version } = held;
    const until = host.clock.now() + OPERATION_MILLISECONDS;
    if (record.until > until - RENEW_MILLISECONDS / 2) return record.epoch;
    try {
      const renewed = { ...record, until, token: host.randomness.identifier() };
      await putOnce(host.items, leaseKey(pipeline, hold), renewed, version);
      return record.epoch;
    } catch (error) {
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }
}

/** The lease as the operation holds it. One that has run out but that nobody took since is still its own, one that was given back is not. */
async function find(
  host: Host,
  pipeline: string,
  operation: string,
  hold: Hold,
): Promise<{ record: LeaseRecord; version: number } | null> {
  const item = await host.items.get(leaseKey(pipeline, hold));
  if (item === null) return null;
  const record = parseRecord(leaseRecord, item);
  if (record.owner !== OWNER_PREFIX + operation || record.until === 0) return null;
  return { record, version: item.version };
}
