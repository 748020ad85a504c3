import type { RetentionRecord } from '../../catalog/retention-record.ts';
import type { ExtractRecord, TableRecord } from '../../catalog/records.ts';
import { timestampFromMicroseconds, type Timestamp } from '../../changes/timestamp.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import { objectKeys } from '../../extracts/read-piece.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { filesMadeAt, planRetention, planUnlisting } from './retention-plan.ts';

/** Extracts that one call removes at most. */
export const RETENTION_BATCH = 500;
/** How often it is looked for old extracts, in milliseconds. */
export const RETENTION_MILLISECONDS = 3_600_000;
/** The shortest retention of all is looked after in so many steps. */
const LOOKS = 24;

export interface Retained {
  /** Extracts whose files were removed. */
  readonly expired: number;
  /** Extracts that are not listed any more. */
  readonly unlisted: number;
  /** Whether another call would find more at once. */
  readonly more: boolean;
}

/** The retention record as it was read or written last. */
interface Standing {
  readonly record: RetentionRecord;
  readonly version: number | null;
}

/**
 * Removes the files of extracts that are older than the retention and that nothing needs any more, oldest first, at most a batch; and forgets
 * extracts that have been without files for long. To be called by who loads. A process that was paused and is not the loader any more can
 * do no harm: marks only grow, and a rollback, which brings old extracts into use again, moves the retention record that this moves first.
 * Killed in between, the next call does the rest.
 * @throws PenstockError PS3003, PS3004, PS3005, PS4001: it can be called again
 */
export async function removeExpired(context: OperationContext): Promise<Retained> {
  const stands = await catalogOf(context).retention();
  const files = await removeFiles(context, stands);
  const items = await removeItems(context, files.stands);
  return { expired: files.expired, unlisted: items.unlisted, more: files.more || items.more };
}

async function removeFiles(
  context: OperationContext,
  stands: Standing,
): Promise<{ readonly stands: Standing; readonly expired: number; readonly more: boolean }> {
  const { host, settings, signal } = context;
  const catalog = catalogOf(context);
  const before = longAgo(context, settings.extracts.retentionMilliseconds);
  // Nearly always nothing is due: that costs a look at one item.
  const [oldest] = await catalog.listedFrom(stands.record.cleared, 1);
  if (oldest === undefined || filesMadeAt(oldest) >= before) return { stands, expired: 0, more: false };
  const expired = await planFiles(context, stands.record.cleared, before);
  const [first, last] = [expired[0], expired.at(-1)];
  if (first === undefined || last === undefined) return { stands, expired: 0, more: false };
  const cleared = last.number + 1;
  const kept = Math.max(stands.record.kept, cleared);
  const version = await catalog.putRetention({ ...stands.record, kept }, stands.version);
  await host.failpoint('retention.before-objects');
  await removeObjects(context, expired);
  await host.failpoint('retention.after-objects');
  signal.throwIfAborted();
  const record = { ...stands.record, kept, cleared };
  host.log.info('files of old extracts removed', { first: first.number, last: last.number });
  return {
    stands: { record, version: await catalog.putRetention(record, version) },
    expired: expired.length,
    more: expired.length === RETENTION_BATCH,
  };
}

/** Tables whose copies are made beside the log, and behind which extract each of them will join it. */
function joiningTables(tables: readonly TableRecord[]): Map<string, number> {
  const copying = tables.filter(({ state }) => state.tag === 'copying');
  return new Map(copying.flatMap(({ table, joinsAfter }) => (joinsAfter === null ? [] : [[table, joinsAfter]])));
}

async function planFiles(context: OperationContext, cleared: number, before: Timestamp): Promise<ExtractRecord[]> {
  const { destination, host, settings, signal } = context;
  const catalog = catalogOf(context);
  const [loaded, { lastExtract }] = [await catalog.loaded(), await catalog.head()];
  const marks = await destination.ledger(settings.pipeline, signal);
  const joining = joiningTables(await catalog.tables());
  const records = await catalog.listedFrom(cleared, RETENTION_BATCH);
  signal.throwIfAborted();
  const { expired, heldBy } = planRetention({ records, before, lastExtract, loaded, marks, joining });
  if (heldBy.length > 0) {
    const tables = heldBy.slice(0, NAMED).join(', ');
    host.log.warn('old extracts are kept for tables that have not applied them', { tables, count: heldBy.length });
  }
  return [...expired];
}

/** By their keys, which no other object ever has: a removal that is long on its way takes nothing that was made since. */
async function removeObjects({ host, signal }: OperationContext, expired: readonly ExtractRecord[]): Promise<void> {
  const last: string[] = [];
  for (const record of expired) {
    const keys = await objectKeys(host, record, signal).catch((error: unknown) => {
      // The last piece names the others, and goes after them.
      if (hasCode(error, 'PS3001')) return [record.object.key];
      throw error;
    });
    last.push(record.object.key);
    if (keys.length > 1) await host.store.delete(keys.slice(0, -1), signal);
  }
  await host.store.delete(last, signal);
}

async function removeItems(
  context: OperationContext,
  { record, version }: Standing,
): Promise<{ readonly unlisted: number; readonly more: boolean }> {
  const { host, settings, signal } = context;
  const catalog = catalogOf(context);
  const before = longAgo(context, settings.extracts.listedMilliseconds);
  const [oldest] = await catalog.listedFrom(1, 1);
  if (oldest === undefined || planUnlisting([oldest], before, record.cleared).length === 0)
    return { unlisted: 0, more: false };
  const unlisted = planUnlisting(await catalog.listedFrom(1, RETENTION_BATCH), before, record.cleared);
  const listed = Math.max(record.listed, (unlisted.at(-1)?.number ?? 0) + 1);
  await catalog.putRetention({ ...record, listed }, version);
  await host.failpoint('retention.before-items');
  // Listed by a reader that slept since before they were removed, or made again for a rollback that never came: their files are nobody's.
  const strayed = unlisted.filter(({ number, madeAgainAt }) => number < record.listed || madeAgainAt !== undefined);
  if (strayed.length > 0) await removeObjects(context, strayed);
  for (const [index, { number }] of unlisted.entries()) {
    signal.throwIfAborted();
    await catalog.removeExtract(number);
    // A catalog on a disk keeps the process waiting with each write: loads and leases get their turns.
    if (index % AT_ONCE === AT_ONCE - 1) await host.clock.sleep(0, signal);
  }
  host.log.info('old extracts are not listed any more', { first: oldest.number, last: listed - 1 });
  return { unlisted: unlisted.length, more: unlisted.length === RETENTION_BATCH };
}

/** Items that are removed before others get their turn. */
const AT_ONCE = 5;
/** Tables that a warning names. */
const NAMED = 5;

/** What was made before this moment is older than so many milliseconds. */
export function longAgo({ host }: Pick<OperationContext, 'host'>, milliseconds: number): Timestamp {
  const then = Math.max(0, Math.floor(host.clock.now() - milliseconds));
  return timestampFromMicroseconds(BigInt(then) * 1000n);
}

/** As {@link removeExpired}; what fails is said and left to the next time: nothing waits for it. @returns whether more is due */
export async function removeSomeExpired(context: OperationContext): Promise<boolean> {
  const { host, signal } = context;
  try {
    return (await removeExpired(context)).more;
  } catch (error) {
    if (!signal.aborted)
      host.log.warn('old extracts are left', { reason: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

/** Removes what becomes old until the signal aborts; then it resolves. */
export async function keepRetention(context: OperationContext): Promise<void> {
  const { host, settings, signal } = context;
  const pause = Math.min(RETENTION_MILLISECONDS, settings.extracts.retentionMilliseconds / LOOKS);
  const ended = (): boolean => signal.aborted;
  while (!ended()) {
    if (!(await removeSomeExpired(context))) await host.clock.sleep(pause, signal).catch(() => undefined);
  }
}
