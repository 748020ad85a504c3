import { keepTrying } from '../errors/keep-trying.ts';
import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import type { Host } from '../host/host.ts';
import { acquire, LEASE_MILLISECONDS, release, renewUntil, type HeldLease } from './held-lease.ts';
import { leaseKey, type LeaseRole } from './lease-request.ts';
import { whileRenewed, type Lease } from './lease.ts';
import { putOnce } from './put-once.ts';
import { leaseRecord, parseRecord } from './records.ts';

/** What works longer than this, in milliseconds, takes its lease for all to see: others are to leave it in peace then. */
const UNSEEN_MILLISECONDS = 5000;

/**
 * The lease of a process that works in short calls, one after the other. What it gave back and nobody has taken since is used again
 * without a write, under the same epoch: to everybody it stays free, and who takes it gets a greater epoch, which fences this one's work.
 * So a call costs a read, not two writes; and a process that ends between two calls leaves nothing to be waited for.
 * Calls of one process do not overlap.
 */
export class ReusedLease {
  #left: HeldLease | null = null;

  /**
   * Does `work` under the lease; anew if it was used again and another process took it meanwhile.
   * @throws PenstockError as `withLease`
   */
  async use<Result>(
    host: Host,
    pipeline: string,
    role: LeaseRole,
    signal: AbortSignal,
    work: (lease: Lease, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const left = await keepTrying(host, pipeline, `${role} lease`, signal, () => this.#unchanged(host, pipeline, role));
    if (left !== null) {
      try {
        return await this.#work(host, pipeline, role, signal, { held: left, isSeen: false }, work);
      } catch (error) {
        if (signal.aborted || !hasCode(error, 'PS3002', 'PS4006')) throw error;
        host.log.info('another process took the lease, which was free; taking it again', { role });
      }
    }
    const held = await keepTrying(host, pipeline, `${role} lease`, signal, () => acquire(host, pipeline, role));
    if (held instanceof PenstockError) throw held;
    return this.#work(host, pipeline, role, signal, { held, isSeen: true }, work);
  }

  /** What the last call left, if nobody has written the lease since: who took it has, and so has who asks for it. */
  async #unchanged(host: Host, pipeline: string, role: LeaseRole): Promise<HeldLease | null> {
    const left = this.#left;
    if (left === null) return null;
    const item = await host.items.get(leaseKey(pipeline, role));
    if (item === null || item.version !== left.version) return null;
    const found = parseRecord(leaseRecord, item);
    // A catalog that was restored may have the same version of another lease.
    const { epoch, owner, token, until } = left.record;
    const isSame = found.epoch === epoch && found.owner === owner && found.token === token && found.until === until;
    return isSame ? left : null;
  }

  async #work<Result>(
    host: Host,
    pipeline: string,
    role: LeaseRole,
    signal: AbortSignal,
    { held, isSeen }: { readonly held: HeldLease; readonly isSeen: boolean },
    work: (lease: Lease, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    // After a failure the next call gets an epoch of its own: it fences what this one may still have on its way.
    this.#left = null;
    const { epoch } = held.record;
    let showing: Promise<void> | null = isSeen ? Promise.resolve() : null;
    const hold = async (): Promise<void> => {
      showing ??= show(host, pipeline, role, held);
      await showing;
    };
    const renew = async (ended: AbortSignal): Promise<void> => {
      if (showing === null) await host.clock.sleep(UNSEEN_MILLISECONDS, ended).catch(() => undefined);
      if (ended.aborted) return;
      await hold();
      await renewUntil(host, pipeline, role, held, ended);
    };
    const lease = { role, epoch, isPlaceWanted: () => held.record.placeWantedUntil > host.clock.now(), hold };
    let left: HeldLease | null = null;
    try {
      const result = await whileRenewed(renew, signal, (workSignal) => work(lease, workSignal));
      left = held;
      return result;
    } finally {
      // Given back where it was taken, or may have been.
      const stands = showing === null ? held : await release(host, pipeline, role, epoch);
      this.#left = left === null ? null : stands;
    }
  }
}

/** Takes a lease that is used again for all to see. @throws PenstockError PS3002 when another process took it or asks for it, PS3004 */
async function show(host: Host, pipeline: string, role: LeaseRole, held: HeldLease): Promise<void> {
  const until = host.clock.now() + LEASE_MILLISECONDS;
  const record = { ...held.record, until, token: host.randomness.identifier() };
  try {
    held.version = await putOnce(host.items, leaseKey(pipeline, role), record, held.version);
    held.record = record;
  } catch (error) {
    if (!hasCode(error, 'PS3005')) throw error;
    throw new PenstockError('PS3002', `the ${role} lease of ${pipeline} was taken by another process`, {
      cause: error,
    });
  }
}
