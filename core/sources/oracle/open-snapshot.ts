import { microsecondsFromTimestamp, type Timestamp } from '../../changes/timestamp.ts';
import type { Clock } from '../../host/host.ts';
import { timePosition } from '../poll-position.ts';
import { oneRow } from '../session.ts';
import type { Snapshot, SnapshotPlace, SnapshotRequest } from '../source-connector.ts';
import { serverErrorNumber } from './errors.ts';
import { copiesLineage, readLogLineage } from './lineage.ts';
import { minedPlaceOf } from './mining/mined-place.ts';
import { handOffPosition } from './place.ts';
import { requireContainerSeen } from './prepare.ts';
import { readDatabase } from './server/database.ts';
import { withSession } from './server/guarded.ts';
import { currentScn, readHandOff } from './server/hand-off.ts';
import { withNoneInDoubt } from './server/in-doubt.ts';
import type { Session } from './server/session.ts';
import { OracleSnapshot, type SnapshotContext } from './snapshot.ts';
import { readClock, serverMicroseconds, sourceTimestamp, type SourceClock } from './source-time.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';

const DOING = 'take a snapshot';

/** What taking a snapshot needs, beside what reading it does. */
export interface OpeningContext extends SnapshotContext {
  readonly clock: Clock;
}

/** The state at an SCN, and the place in the log behind it. Nothing is locked, nothing waits for transactions. */
export async function openLogSnapshot(
  context: OpeningContext,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<Snapshot> {
  const { access, clock } = context;
  return withSession(access, signal, DOING, async (session) => {
    const lineage = await readLogLineage(session);
    await settled(session, request, clock, signal);
    const takenAt = await sourceTimestamp(session);
    const root = { open: access.openRoot };
    const database = await readDatabase(session);
    const handOff = await withNoneInDoubt(session, () =>
      withSession(root, signal, DOING, async (there) => {
        await requireContainerSeen(there, access, database);
        return readHandOff(there);
      }),
    );
    const position = handOffPosition(lineage, handOff);
    return new OracleSnapshot(context, { scn: handOff.startScn, position, takenAt });
  });
}

/**
 * Flashback queries need nothing but the SCN. Null where the server does not know when that was any more, or where a table was altered since: a flashback
 * goes by the present structure, and is refused for some changes of it alone.
 */
export async function reopenLogSnapshot(
  context: OpeningContext,
  place: SnapshotPlace,
  { tables }: SnapshotRequest,
  signal: AbortSignal,
): Promise<Snapshot | null> {
  return withSession(context.access, signal, DOING, async (session) => {
    if ((await readLogLineage(session)) !== place.position.lineage) return null;
    const scn = minedPlaceOf(place.position).startScn;
    const time = await timeOf(session, scn);
    const found = await findSourceTables(
      session,
      tables.map(({ table }) => table),
    );
    const altered = latestAlteration(found);
    // The time of an SCN is right to some seconds only; that by the clock is one from before the SCN was asked for.
    if (time === null || altered >= time || !isBefore(altered, place.takenAt, await readClock(session))) return null;
    return new OracleSnapshot(context, { scn, position: place.position, takenAt: place.takenAt });
  });
}

/** For extract types that read no log: the place is the time at the source. */
export async function openPlainSnapshot(
  context: OpeningContext,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<Snapshot> {
  return withSession(context.access, signal, DOING, async (session) => {
    const lineage = await copiesLineage(session);
    await settled(session, request, context.clock, signal);
    // The time is asked first: what was committed before it is then surely visible.
    const takenAt = await sourceTimestamp(session);
    const scn = await currentScn(session);
    const position = timePosition(lineage, microsecondsFromTimestamp(takenAt));
    return new OracleSnapshot(context, { scn, position, takenAt });
  });
}

const PAUSE_MILLISECONDS = 500;
/** Beyond what the server keeps between times and SCNs, the answer will not change. */
const MOST_PAUSES = 20;
const UNKNOWN_SCN = 8181;
const SECOND = 1_000_000n;

/**
 * Waits until the SCN now is later than the last change of structure of every table: the server knows the time of that change to a second, and
 * the time of an SCN to about three, and refuses an SCN that could be before it (ORA-01466).
 */
async function settled(
  session: Session,
  { tables }: SnapshotRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const found = await findSourceTables(
    session,
    tables.map(({ table }) => table),
  );
  const alteredAt = latestAlteration(found);
  for (let pauses = 0; pauses < MOST_PAUSES; pauses++) {
    const time = await timeOf(session, await currentScn(session));
    if (time === null || time > alteredAt) return;
    await clock.sleep(PAUSE_MILLISECONDS, signal);
  }
}

/** Whether a second by the server's clock, empty: never, was over at a time. */
function isBefore(text: string, time: Timestamp, clock: SourceClock): boolean {
  return text === '' || serverMicroseconds(text, clock) + SECOND <= microsecondsFromTimestamp(time);
}

/** By the server's clock; empty: there are none. */
function latestAlteration(tables: ReadonlyMap<string, SourceTable>): string {
  return [...tables.values()].reduce((latest, { alteredAt }) => (alteredAt > latest ? alteredAt : latest), '');
}

/** By the server's clock, as `alteredAt` is; null: the server does not know. */
async function timeOf(session: Session, scn: string): Promise<string | null> {
  try {
    const [time] = await oneRow(session, { tag: 'timeOfScn', scn });
    return time ?? null;
  } catch (error) {
    if (serverErrorNumber(error) === UNKNOWN_SCN) return null;
    throw error;
  }
}
