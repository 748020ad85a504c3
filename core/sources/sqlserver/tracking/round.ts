import type { SourceEvent } from '../../../changes/change.ts';
import { tableId } from '../../../changes/table-name.ts';
import type { Timestamp } from '../../../changes/timestamp.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { TableSelection } from '../../source-connector.ts';
import type { Reading } from '../describe.ts';
import { trackedChange } from '../log-decoder.ts';
import type { LoggedTable } from '../logged-table.ts';
import { resolveTables } from '../logged-table-resolver.ts';
import { compareVersions, trackedPosition, versionOrder, type TrackedPlace } from '../place.ts';
import { allRows, type Row, type Session } from '../server/session.ts';
import { sourceTimestamp } from '../source-time.ts';
import { MOST_DETECTED } from '../statements/tracking.ts';
import { readTracked } from './tracked-tables.ts';
import { begunAnew, freshTables, staleTables, wholeFrom, type StaleTables, type TrackedTable } from './stale-tables.ts';
import { readVersion } from './version.ts';

/** What a stream of change tracking knows between its rounds. */
export interface TrackingState {
  readonly lineage: string;
  readonly selections: ReadonlyMap<string, TableSelection>;
  readonly reading: Reading;
  /** Whether rounds are read in SNAPSHOT transactions. */
  readonly isExact: boolean;
  place: TrackedPlace;
  /** The structures that were given out, by table. */
  readonly announced: Map<string, LoggedTable>;
  /** Tables that were said to be unreadable, which is said once. */
  readonly ended: Set<string>;
}

/** A version and a state that are surely each other's are not had while others commit in between; then the older version is taken. */
const MOST_BEGINNINGS = 10;

/**
 * One look at what was changed since the last one: all of it in one transaction, because change tracking tells the net of whole commits
 * and not the commits. Ends with a commit, or with a heartbeat where nothing was changed.
 */
export async function* trackingRound(session: Session, state: TrackingState): AsyncGenerator<readonly SourceEvent[]> {
  const { place } = state;
  const before = await readTracked(session);
  const version = await beginRound(session, state, before);
  const at = await sourceTimestamp(session);
  if (compareVersions(version, place.version) < 0) {
    const what = `the database is at version ${version}, before ${place.version}, which was read`;
    throw new PenstockError('PS2001', what);
  }
  const tracked = await readTracked(session);
  const chosen = [...state.selections.keys()];
  const stale = staleTables(chosen, tracked, place);
  yield* staleRounds(
    state,
    stale.filter((one) => compareVersions(one.version, version) < 0),
    at,
  );
  const round: Round = { state, session, tracked, version, at, hasBegun: false };
  // Behind the last position there is room for an order only when somebody committed.
  if (compareVersions(version, place.version) > 0) {
    const ahead = stale.filter((one) => compareVersions(one.version, version) >= 0).flatMap(({ tables }) => tables);
    for (const id of [...ahead, ...begunAnew(chosen, tracked, place)])
      yield begun(round, [obstacle(state, id, NOT_WHOLE)]);
    const gone = chosen.filter((id) => !tracked.has(id) && !state.ended.has(id));
    for (const id of gone) yield begun(round, [end(state, id, 'its changes are not tracked any more, or it is gone')]);
    yield* changesOf(round, await changedTables(session, state, tracked));
    await requireStillWhole(session, round);
  }
  await session.run({ tag: 'end' });
  // What began between that look and the next one at the same version is not noted, and so is told.
  const fresh = version === place.version ? place.fresh : freshTables(chosen, before, version);
  state.place = { version, told: {}, fresh };
  const position = trackedPosition(state.lineage, state.place);
  yield [round.hasBegun ? { tag: 'commit', position, committedAt: at } : { tag: 'heartbeat', position, at }];
}

const NOT_WHOLE =
  'its changes are not whole: it was truncated, its tracking was begun anew, or the clean-up removed what was not read yet';

interface Round {
  readonly state: TrackingState;
  readonly session: Session;
  readonly tracked: ReadonlyMap<string, TrackedTable>;
  readonly version: string;
  readonly at: Timestamp;
  hasBegun: boolean;
}

/** @returns the version up to which the round reads; the state that it sees is not older */
async function beginRound(
  session: Session,
  { isExact, selections }: TrackingState,
  tracked: ReadonlyMap<string, TrackedTable>,
): Promise<string> {
  if (!isExact) return readVersion(session);
  const known = [...selections].find(([id]) => tracked.has(id))?.[1];
  for (let attempt = 1; ; attempt++) {
    await session.run({ tag: 'beginSnapshot' });
    const before = await readVersion(session);
    // Its first read gives the transaction its state.
    if (known !== undefined) await session.run({ tag: 'touch', table: known.table });
    const behind = await readVersion(session);
    if (before === behind || attempt >= MOST_BEGINNINGS) return before;
    await session.run({ tag: 'end' });
  }
}

/** What is missing is told where the table is whole again, so that a copy of later than that need not be made once more. */
function* staleRounds(
  state: TrackingState,
  stale: readonly StaleTables[],
  at: Timestamp,
): Generator<readonly SourceEvent[]> {
  for (const { version, tables } of stale) {
    const { told } = state.place;
    state.place = {
      ...state.place,
      told: { ...told, ...Object.fromEntries(tables.map((id) => [id, version])) },
    };
    const position = trackedPosition(state.lineage, state.place);
    yield [
      { tag: 'begin', at, order: versionOrder(version) },
      ...tables.map((id) => obstacle(state, id, NOT_WHOLE)),
      { tag: 'commit', position, committedAt: at },
    ];
  }
}

function obstacle(state: TrackingState, id: string, reason: string): SourceEvent {
  const selection = state.selections.get(id);
  if (selection === undefined) throw new PenstockError('PS9001', `${id} was not chosen`);
  return { tag: 'obstacle', table: selection.table, reason };
}

/** The table cannot be read from now on, which is said once. */
function end(state: TrackingState, id: string, reason: string): SourceEvent {
  state.ended.add(id);
  return obstacle(state, id, reason);
}

/** The events, behind the transaction's begin where they are its first ones. */
function begun(round: Round, events: readonly SourceEvent[]): readonly SourceEvent[] {
  if (round.hasBegun) return events;
  round.hasBegun = true;
  return [{ tag: 'begin', at: round.at, order: versionOrder(round.version) }, ...events];
}

/** The ids of the tables that have changes, asked for many at a time. */
async function changedTables(
  session: Session,
  state: TrackingState,
  tracked: ReadonlyMap<string, TrackedTable>,
): Promise<string[]> {
  const looked = [...state.selections].flatMap(([id, { table }]) => {
    const found = tracked.get(id);
    return found === undefined ? [] : [{ id, table, after: wholeFrom(state.place.version, found) }];
  });
  const changed: string[] = [];
  for (let start = 0; start < looked.length; start += MOST_DETECTED) {
    const tables = looked.slice(start, start + MOST_DETECTED);
    const found = await allRows(session, { tag: 'changedTables', tables });
    changed.push(...found.flatMap(([index]) => tables[Number(index)]?.id ?? []));
  }
  return changed;
}

async function* changesOf(round: Round, ids: readonly string[]): AsyncGenerator<readonly SourceEvent[]> {
  const { state, session } = round;
  const selections = ids.flatMap((id) => state.selections.get(id) ?? []);
  const structures = await resolveTables(session, selections, state.reading, state.announced);
  for (const selection of selections) {
    const id = tableId(selection.table);
    const logged = structures.get(id);
    if (logged === undefined || 'reason' in logged) {
      if (!state.ended.has(id)) yield begun(round, [end(state, id, logged?.reason ?? 'it is gone')]);
      continue;
    }
    const { schema } = logged.table;
    if (state.announced.get(id)?.table.schema.fingerprint !== schema.fingerprint) {
      state.announced.set(id, logged);
      yield begun(round, [{ tag: 'schema', schema }]);
    }
    for await (const rows of readChanges(round, logged)) {
      const changes = rows.map((row): SourceEvent => ({ tag: 'row', change: trackedChange(logged, row) }));
      yield begun(round, changes);
    }
  }
}

function readChanges(round: Round, logged: LoggedTable): AsyncIterable<readonly Row[]> {
  const tracked = round.tracked.get(logged.id);
  if (tracked === undefined) throw new PenstockError('PS9001', `${logged.id} is not tracked`);
  return round.session.read({
    tag: 'trackedChanges',
    table: logged.table.schema.table,
    key: logged.primary,
    columns: logged.outputs,
    after: wholeFrom(round.state.place.version, tracked),
    upTo: round.version,
  });
}

/**
 * The clean-up may have removed changes while they were read, and CHANGETABLE does not say so.
 * @throws PenstockError PS2010: nothing was committed; the next stream begins where this round began, and tells what is missing
 */
async function requireStillWhole(session: Session, round: Round): Promise<void> {
  const now = await readTracked(session);
  for (const [id, { leastVersion }] of round.tracked) {
    if (!round.state.selections.has(id)) continue;
    const least = now.get(id)?.leastVersion;
    if (least !== undefined && compareVersions(least, leastVersion) <= 0) continue;
    if (least !== undefined && compareVersions(least, round.state.place.version) <= 0) continue;
    throw new PenstockError('PS2010', `the server removed changes of ${id} while they were read`);
  }
}
