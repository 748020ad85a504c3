import { hasCode } from '../errors/penstock-error.ts';
import type { Host } from '../host/host.ts';
import { putOnce } from './put-once.ts';
import { leaseRecord, parseRecord, type LeaseRecord } from './records.ts';

/** What a pipeline has one lease each for. */
export type LeaseRole = 'reader' | 'loader' | 'operation';

export function leaseKey(pipeline: string, role: LeaseRole): { partition: string; sort: string } {
  return { partition: pipeline, sort: `lease#${role}` };
}

/** What the owner of leases that are held for moments only ends with: who finds one held so waits for it, as if it had handed it over. */
export const BRIEFLY = '/briefly';

/** What the owner of a lease that was taken in turn ends with. */
const IN_TURN = '/in-turn';

/**
 * By which name this process asks for leases in turn, and holds them: not the one by which it holds leases for long, or it would
 * never see that it is asked. The same for each turn: who asked and begins again must not wait for itself.
 */
export function turnOf({ owner }: Pick<Host, 'owner'>): string {
  return owner.endsWith(BRIEFLY) || owner.endsWith(IN_TURN) ? owner : `${owner}${IN_TURN}`;
}

/** How long a lease is kept for who has asked for it, in milliseconds: longer than a holder needs to see it and to end what it does. */
export const WANTED_MILLISECONDS = 60_000;

/**
 * Asks the holder of a lease to give it back soon, for `by`; safe to repeat. An operation that has asked goes before a process,
 * and who asked first goes first.
 * @throws PenstockError PS3004
 */
export async function askFor(host: Host, pipeline: string, role: LeaseRole, by: string): Promise<void> {
  await amend(host, pipeline, role, (found) => {
    if (isWantedByAnother(found, by, host)) return null;
    return { ...found, wanted: { by, until: host.clock.now() + WANTED_MILLISECONDS } };
  });
}

/** How long who has asked for the reader's place is told it at once, in milliseconds. */
const PLACE_WANTED_MILLISECONDS = 20_000;

/**
 * Asks whoever reads the log to say in the catalog how far it has come, for a while as often as that changes; safe to repeat.
 * An idle reader says it once a minute otherwise. Who reads learns of it as of an asked-for lease: at its next look.
 * @throws PenstockError PS3004
 */
export async function askForPlace(host: Host, pipeline: string): Promise<void> {
  await amend(host, pipeline, 'reader', (found) => {
    const now = host.clock.now();
    // Others wait as well, and asked not long ago.
    if (found.placeWantedUntil > now + PLACE_WANTED_MILLISECONDS / 2) return null;
    return { ...found, placeWantedUntil: now + PLACE_WANTED_MILLISECONDS };
  });
}

/** Writes a wish into a lease that is there. `wish` gives the record with it; null: nothing is to be written. */
async function amend(
  host: Host,
  pipeline: string,
  role: LeaseRole,
  wish: (found: LeaseRecord) => LeaseRecord | null,
): Promise<void> {
  const key = leaseKey(pipeline, role);
  const item = await host.items.get(key);
  const record = item === null ? null : wish(parseRecord(leaseRecord, item));
  if (item === null || record === null) return;
  try {
    await putOnce(host.items, key, { ...record, token: host.randomness.identifier() }, item.version);
  } catch (error) {
    // Somebody wrote it meanwhile: the next try asks again.
    if (!hasCode(error, 'PS3005')) throw error;
  }
}

/** Takes back what this owner has asked for: the lease is not kept for who does not come. */
export async function withdraw(host: Host, pipeline: string, role: LeaseRole): Promise<void> {
  try {
    const key = leaseKey(pipeline, role);
    const item = await host.items.get(key);
    const found = item === null ? null : parseRecord(leaseRecord, item);
    if (item === null || found?.wanted?.by !== host.owner) return;
    await putOnce(host.items, key, { ...found, wanted: null, token: host.randomness.identifier() }, item.version);
  } catch {
    // What was asked for runs out by itself.
  }
}

/** Whether somebody other than `owner` has asked for the lease and may still take it: who is certain to have ended will not. */
export function isWantedByAnother(
  { wanted }: LeaseRecord,
  owner: string,
  { clock, ownerIsGone }: Pick<Host, 'clock' | 'ownerIsGone'>,
): boolean {
  return wanted !== null && wanted.by !== owner && wanted.until > clock.now() && !ownerIsGone(wanted.by);
}
