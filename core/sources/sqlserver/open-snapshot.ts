import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import { timestampFromMicroseconds, type Timestamp } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { timePosition } from '../poll-position.ts';
import type { Snapshot, SnapshotRequest } from '../source-connector.ts';
import { serverErrorNumber } from './errors.ts';
import { copiesLineage, lineageOf } from './lineage.ts';
import { capturedPosition, lsnDigits, trackedPosition } from './place.ts';
import { readDatabase } from './server/database.ts';
import { guarded } from './server/guarded.ts';
import { oneRow, type Session } from './server/session.ts';
import { beginView, requireSnapshots } from './server/views.ts';
import { SqlserverSnapshot, type SharedView, type SnapshotContext } from './snapshot.ts';
import { keptSight } from '../server-times.ts';
import { readClockSight, sourceMicroseconds, sourceTimestamp } from './source-time.ts';
import { freshTables } from './tracking/stale-tables.ts';
import { readTracked } from './tracking/tracked-tables.ts';
import { readVersion } from './tracking/version.ts';

/** So often all readers are begun anew in the hope that nobody commits meanwhile; then the tables are locked for a moment. */
const FREE_ATTEMPTS = 5;

/**
 * Extract type changeTracking: all readers see one version of the database. Nothing is locked where no one commits while they are begun;
 * else the chosen tables are locked for these few round trips, so that what is committed meanwhile does not concern them.
 */
export function openTrackedSnapshot(
  context: SnapshotContext,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<Snapshot> {
  return opening(context, request, signal, async (holder, readers) => {
    const { snapshotIsolation } = context.access.settings;
    const database = await readDatabase(holder);
    requireSnapshots(database, snapshotIsolation);
    const lineage = lineageOf(database);
    const tracked = await readTracked(holder);
    const chosen = request.tables.map(({ table }) => tableId(table));
    const at = (version: string): SourcePosition =>
      trackedPosition(lineage, { version, told: {}, fresh: freshTables(chosen, tracked, version) });
    if (snapshotIsolation === 'without') {
      // The version is asked first: what is committed from then on is read again behind the copy.
      const version = await readVersion(holder);
      return { readers, position: at(version), takenAt: await sourceTimestamp(holder) };
    }
    for (let attempt = 0; attempt < FREE_ATTEMPTS; attempt++) {
      const takenAt = await sourceTimestamp(holder);
      const versions = await beginReaders(readers, request);
      const [first] = versions;
      if (first !== undefined && versions.every((version) => version === first)) {
        return { readers, position: at(first), takenAt };
      }
      for (const reader of readers) await reader.run({ tag: 'end' });
    }
    return locked(context, holder, request, async () => {
      const takenAt = await sourceTimestamp(holder);
      const [first] = await beginReaders(readers, request);
      return { readers, position: at(first ?? (await readVersion(holder))), takenAt };
    });
  });
}

/**
 * Extract type cdc: the chosen tables are locked for the moment in which the readers are begun and the end of the log is asked for.
 * Whoever changed them has committed before it, and whoever changes them later commits behind it.
 */
export function openCapturedSnapshot(
  context: SnapshotContext,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<Snapshot> {
  return opening(context, request, signal, async (holder, readers) => {
    const database = await readDatabase(holder);
    requireSnapshots(database, 'require');
    const lineage = lineageOf(database);
    return locked(context, holder, request, async () => {
      const takenAt = await sourceTimestamp(holder);
      for (const reader of readers) await beginReader(reader, request);
      const sight = await readClockSight(holder);
      const position = capturedPosition(lineage, { lsn: sight.place, times: keptSight(sight) });
      return { readers, position, takenAt };
    });
  });
}

/** For extract types that read no log: one reader, whose place is the time at the source. */
export function openPlainSnapshot(
  context: SnapshotContext,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<Snapshot> {
  return opening(context, { ...request, readers: 1 }, signal, async (holder, readers) => {
    const lineage = await copiesLineage(holder);
    // The time is asked first: what was read before it is then surely visible.
    const microseconds = await sourceMicroseconds(holder);
    for (const reader of readers) if (await beginView(reader)) await touch(reader, request);
    return { readers, position: timePosition(lineage, microseconds), takenAt: timestampFromMicroseconds(microseconds) };
  });
}

/** @throws PenstockError PS2008; the server's refusal where VIEW DATABASE STATE is missing */
export async function endOfLog(session: Session): Promise<string> {
  const [end] = await oneRow(session, { tag: 'logEnd' });
  return lsnDigits(end ?? '');
}

/** @returns the version that each of them sees; what differs says that somebody committed meanwhile */
async function beginReaders(readers: readonly Session[], request: SnapshotRequest): Promise<string[]> {
  const versions: string[] = [];
  for (const reader of readers) {
    await reader.run({ tag: 'beginSnapshot' });
    versions.push(await readVersion(reader));
    await touch(reader, request);
    // Whether a version is that of the state or of now, it is the state's where it has not moved since the first read.
    versions.push(await readVersion(reader));
  }
  return versions;
}

async function beginReader(reader: Session, request: SnapshotRequest): Promise<void> {
  await reader.run({ tag: 'beginSnapshot' });
  await touch(reader, request);
}

/** A SNAPSHOT transaction has its state from its first read on, not from BEGIN TRANSACTION. */
async function touch(reader: Session, { tables }: SnapshotRequest): Promise<void> {
  const [first] = tables;
  if (first !== undefined) await reader.run({ tag: 'touch', table: first.table });
}

const LOCK_WAIT_TIMEOUT = 1222;
const DEADLOCK = 1205;
const SECOND = 1000;

/** @throws PenstockError PS2010 where the wait was too long */
async function locked<T>(
  { access }: SnapshotContext,
  holder: Session,
  { tables }: SnapshotRequest,
  work: () => Promise<T>,
): Promise<T> {
  await holder.run({ tag: 'beginLocking', milliseconds: access.settings.snapshotLockSeconds * SECOND });
  try {
    for (const { table } of tables) await holder.run({ tag: 'lockTable', table });
    return await work();
  } catch (error) {
    const number = serverErrorNumber(error);
    if (number !== LOCK_WAIT_TIMEOUT && number !== DEADLOCK) throw error;
    throw new PenstockError('PS2010', 'a long transaction or statement holds up the snapshot', {
      remedy: 'It is tried again by itself. Wait for the long transaction to end, or raise source.snapshotLockSeconds.',
      cause: error,
    });
  } finally {
    if (!holder.isBroken) await holder.run({ tag: 'end' });
  }
}

/** Opens all sessions before anything is locked, and leaves none behind after a failure. */
async function opening(
  context: SnapshotContext,
  request: SnapshotRequest,
  signal: AbortSignal,
  take: (holder: Session, readers: readonly Session[]) => Promise<SharedView & { readonly takenAt: Timestamp }>,
): Promise<Snapshot> {
  const readers: Session[] = [];
  try {
    for (let index = 0; index < request.readers; index++) readers.push(await context.access.open(signal));
    await using holder = await context.access.open(signal);
    const view = await guarded(holder, signal, 'take a snapshot', () => take(holder, readers));
    return new SqlserverSnapshot(context, view);
  } catch (error) {
    for (const reader of readers) reader.destroy();
    signal.throwIfAborted();
    throw error;
  }
}
