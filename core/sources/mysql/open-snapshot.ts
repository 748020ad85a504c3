import type { SourcePosition } from '../../changes/position.ts';
import { timestampFromMicroseconds } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Snapshot, SnapshotRequest } from '../source-connector.ts';
import { timePosition } from '../poll-position.ts';
import { guarded, openSession, type Access, type Session } from './connection.ts';
import { serverErrorNumber, sourceError } from './errors.ts';
import { copiesLineage, endOfLog, readLineage } from './lineage.ts';
import { positionAt } from './place.ts';
import { MysqlSnapshot, type SnapshotContext } from './snapshot.ts';
import { sourceMicroseconds, sourceTimestamp } from './source-time.ts';
import { qualified } from './sql.ts';

/**
 * A snapshot whose place in the log is exact: for the moment in which the readers' views are opened nothing commits. The lock lasts for a
 * few round trips, not for the copy; how it is had depends on the server and the user's rights, see {@link LOCKS}.
 */
export async function openLogSnapshot(
  context: SnapshotContext,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<Snapshot> {
  return opening(context, request, signal, async (holder, readers) => {
    const lineage = await readLineage(holder);
    await holder.run(`SET SESSION lock_wait_timeout = ${context.access.settings.snapshotLockSeconds}`);
    const unlock = await lock(holder, request);
    try {
      for (const reader of readers) await beginView(reader);
      const position = positionAt(lineage, await endOfLog(holder));
      return { readers, position, takenAt: await sourceTimestamp(holder) };
    } finally {
      await holder.run(unlock);
    }
  });
}

/** For extract types that read no log: nothing is locked where one reader is enough; its place is the time at the source. */
export async function openPlainSnapshot(
  context: SnapshotContext,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<Snapshot> {
  return opening(context, { ...request, readers: 1 }, signal, async (holder, readers) => {
    const lineage = await copiesLineage(holder);
    // The time is asked first: what was read before it is then surely visible.
    const microseconds = await sourceMicroseconds(holder);
    for (const reader of readers) await beginView(reader);
    const position: SourcePosition = timePosition(lineage, microseconds);
    return { readers, position, takenAt: timestampFromMicroseconds(microseconds) };
  });
}

interface Lock {
  readonly isFor: (holder: Session) => boolean;
  readonly statements: (request: SnapshotRequest) => readonly string[];
  readonly unlock: string;
}

/**
 * Ways to hold commits, the lightest first.
 * 1. MariaDB from 10.4 on: BACKUP STAGE BLOCK_COMMIT holds commits only, and waits for no query.
 * 2. FLUSH TABLES WITH READ LOCK: it waits for running statements; needs RELOAD, which RDS does not give.
 * 3. LOCK TABLES … READ of the chosen tables: it waits for transactions that changed them. What others commit meanwhile
 *    does not concern the chosen tables, so that any place in the log during the lock is exact for them.
 */
const LOCKS: readonly Lock[] = [
  {
    isFor: (holder) => holder.isMariaDb && holder.version >= 100_401,
    statements: () => ['BACKUP STAGE START', 'BACKUP STAGE BLOCK_COMMIT'],
    unlock: 'BACKUP STAGE END',
  },
  { isFor: () => true, statements: () => ['FLUSH TABLES WITH READ LOCK'], unlock: 'UNLOCK TABLES' },
  {
    isFor: () => true,
    statements: ({ tables }) => [`LOCK TABLES ${tables.map(({ table }) => `${qualified(table)} READ`).join(', ')}`],
    unlock: 'UNLOCK TABLES',
  },
];

/** Rights that are missing: access denied, by object or in general. */
const REFUSED = new Set([1044, 1045, 1142, 1227]);
const LOCK_WAIT_TIMEOUT = 1205;

/** @returns the statement that unlocks. @throws PenstockError PS2004 where the user may lock in no way, PS2010 where the wait was too long */
async function lock(holder: Session, request: SnapshotRequest): Promise<string> {
  for (const { isFor, statements, unlock } of LOCKS) {
    if (!isFor(holder)) continue;
    try {
      for (const statement of statements(request)) await holder.run(statement);
      return unlock;
    } catch (error) {
      await holder.run(unlock).catch(() => undefined);
      const number = serverErrorNumber(error);
      if (number === LOCK_WAIT_TIMEOUT) throw waitedTooLong(error);
      if (number === null || !REFUSED.has(number)) throw error;
    }
  }
  throw new PenstockError('PS2004', 'the user may not hold commits for the moment in which a snapshot is taken', {
    remedy:
      'GRANT RELOAD ON *.* TO the user; or, where that cannot be given (RDS), GRANT LOCK TABLES on the databases of the chosen tables.',
  });
}

function waitedTooLong(cause: unknown): PenstockError {
  return new PenstockError('PS2010', 'a long transaction or statement holds up the snapshot', {
    remedy: 'It is tried again by itself. Wait for the long transaction to end, or raise source.snapshotLockSeconds.',
    cause,
  });
}

async function beginView(reader: Session): Promise<void> {
  await reader.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
}

/**
 * MariaDB with a binlog lets go of a table at ROLLBACK TO SAVEPOINT only in a session that writes none (tried: 10.11).
 * A user without the right (BINLOG ADMIN) holds up an ALTER TABLE until the copy ends, which `check` warns of.
 */
async function openReader(access: Access, signal: AbortSignal): Promise<Session> {
  const session = await openSession(access, signal);
  await session.run('SET SESSION sql_log_bin = 0').catch((error: unknown) => {
    if (!REFUSED.has(serverErrorNumber(error) ?? 0)) throw sourceError(error, 'open a reader');
  });
  return session;
}

/** Opens all connections before anything is locked, and leaves none behind after a failure. */
async function opening(
  context: SnapshotContext,
  { readers: count }: SnapshotRequest,
  signal: AbortSignal,
  take: (holder: Session, readers: readonly Session[]) => Promise<ConstructorParameters<typeof MysqlSnapshot>[1]>,
): Promise<Snapshot> {
  const readers: Session[] = [];
  try {
    for (let index = 0; index < count; index++) readers.push(await openReader(context.access, signal));
    await using holder = await openSession(context.access, signal);
    const view = await guarded(holder, signal, 'take a snapshot', () => take(holder, readers));
    return new MysqlSnapshot(context, view);
  } catch (error) {
    for (const reader of readers) reader.destroy();
    signal.throwIfAborted();
    throw error;
  }
}
