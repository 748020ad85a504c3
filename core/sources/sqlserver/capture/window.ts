import type { SourceEvent } from '../../../changes/change.ts';
import type { SourcePosition } from '../../../changes/position.ts';
import type { Timestamp } from '../../../changes/timestamp.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { TableSelection } from '../../source-connector.ts';
import type { Reading } from '../describe.ts';
import { capturedPosition, lsnBefore, lsnBehind, type CapturedReach } from '../place.ts';
import { allRows, oneRow, type Session } from '../server/session.ts';
import type { ServerTimes } from '../../server-times.ts';
import { readClockSight, shownTime } from '../source-time.ts';
import { MOST_DETECTED } from '../statements/tracking.ts';
import { CapturedCursor, firstCursor } from './cursor.ts';
import { readInstances, type Instances } from './instances.ts';
import { segmentsOf, staleTables, wholeFrom } from './segments.ts';
import { readStructures, type TableSegment } from './structures.ts';

/** What a stream of change data capture knows between its windows. */
export interface CaptureState {
  readonly lineage: string;
  readonly selections: ReadonlyMap<string, TableSelection>;
  readonly reading: Reading;
  place: CapturedReach;
  /** Fingerprints of the structures that were given out, by table. */
  readonly announced: Map<string, string>;
  /** Tables that were said to be unreadable, which is said once. */
  readonly ended: Set<string>;
  readonly times: ServerTimes;
  /** Of the last transaction that was asked for, by the server's clock; empty: none was. */
  shown: string;
}

/** Transactions of one window. */
const MOST_TRANSACTIONS = 500;
/** A batch of events is given out when it has so many. */
const BATCH_EVENTS = 2000;
/** What all cursors together hold, about: characters of values. */
const CHARACTERS_AT_HAND = 1_000_000;

/** The next transactions that were captured, one after the other; ends with a heartbeat. @returns whether there may be more at once */
export async function* captureWindow(
  session: Session,
  state: CaptureState,
): AsyncGenerator<readonly SourceEvent[], boolean> {
  const [capturedUpTo] = await oneRow(session, { tag: 'capturedUpTo' });
  const instances = await readInstances(session);
  const sight = await readClockSight(session);
  state.times.look(sight);
  const { at } = sight;
  const after = state.place.lsn;
  if (capturedUpTo === null || capturedUpTo === undefined || capturedUpTo <= after) {
    yield [{ tag: 'heartbeat', position: positionOf(state), at }];
    return false;
  }
  const times = await transactionTimes(session, state, capturedUpTo);
  const isFull = times.size >= MOST_TRANSACTIONS;
  const upTo = isFull ? ([...times.keys()].at(-1) ?? capturedUpTo) : capturedUpTo;
  const window: Window = { session, state, instances, times, after, upTo, at };
  yield* transactionsOf(window, await cursorsOf(window), obstaclesOf(window));
  state.place = { lsn: upTo };
  yield [{ tag: 'heartbeat', position: positionOf(state), at }];
  return isFull;
}

function positionOf({ lineage, place, times }: CaptureState): SourcePosition {
  return capturedPosition(lineage, { lsn: place.lsn, times: times.kept });
}

interface Window {
  readonly session: Session;
  readonly state: CaptureState;
  readonly instances: Instances;
  /** Commit times by the server's clock, by LSN, ascending. */
  readonly times: ReadonlyMap<string, string>;
  readonly after: string;
  readonly upTo: string;
  readonly at: Timestamp;
}

async function transactionTimes(session: Session, state: CaptureState, upTo: string): Promise<Map<string, string>> {
  const after = state.place.lsn;
  const rows = await allRows(session, { tag: 'capturedTransactions', after, most: MOST_TRANSACTIONS });
  const read = rows.map(([lsn, time]) => [lsn ?? '', shownTime(time)] as const).filter(([lsn]) => lsn <= upTo);
  for (const [lsn, shown] of read) {
    if (shown < state.shown) state.times.wentBack(state.shown, { shown, place: lsn });
    state.shown = shown;
  }
  return new Map(read);
}

const NOT_WHOLE =
  'its changes are not whole: its capture was begun anew, or the clean-up removed what was not read yet';
const GONE = 'its changes are not captured any more, or it is gone';

/** What is to be told of tables, by the LSN at which it stands. */
function obstaclesOf({ state, instances, times, after, upTo }: Window): Map<string, SourceEvent[]> {
  const chosen = [...state.selections.keys()];
  const obstacles = new Map<string, SourceEvent[]>();
  for (const { lsn, tables } of staleTables(chosen, instances, { lsn: after })) {
    if (lsn <= upTo)
      obstacles.set(
        lsn,
        tables.map((id) => obstacle(state, id, NOT_WHOLE)),
      );
  }
  const gone = chosen.filter((id) => !instances.has(id) && !state.ended.has(id));
  if (gone.length === 0) return obstacles;
  const [first = upTo] = times.keys();
  obstacles.set(first, [...(obstacles.get(first) ?? []), ...gone.map((id) => end(state, id, GONE))]);
  return obstacles;
}

function obstacle(state: CaptureState, id: string, reason: string): SourceEvent {
  const selection = state.selections.get(id);
  if (selection === undefined) throw new PenstockError('PS9001', `${id} was not chosen`);
  return { tag: 'obstacle', table: selection.table, reason };
}

/** The table cannot be read from now on, which is said once. */
function end(state: CaptureState, id: string, reason: string): SourceEvent {
  state.ended.add(id);
  return obstacle(state, id, reason);
}

/** Cursors over what has rows, and tables whose structure cannot be followed, by the LSN from which. */
interface Cursors {
  readonly cursors: readonly CapturedCursor[];
  readonly unreadable: ReadonlyMap<string, readonly SourceEvent[]>;
}

async function cursorsOf(window: Window): Promise<Cursors> {
  const { session, state } = window;
  const segments = await changedSegments(window);
  const structures = await readStructures(session, state.reading, segments, state.selections, window.instances);
  const cursors: CapturedCursor[] = [];
  const unreadable = new Map<string, SourceEvent[]>();
  for (const { id, segment } of segments) {
    const structure = structures.get(segment.instance.name);
    if (structure !== undefined && 'logged' in structure) {
      cursors.push(new CapturedCursor(structure.logged, segment, structure.ordinals));
    } else if (!state.ended.has(id)) {
      const lsn = lsnBehind(segment.after);
      unreadable.set(lsn, [...(unreadable.get(lsn) ?? []), end(state, id, structure?.reason ?? GONE)]);
    }
  }
  return { cursors, unreadable };
}

/** The parts of change tables that have rows, asked for many at a time. */
async function changedSegments({ session, state, instances, after, upTo }: Window): Promise<TableSegment[]> {
  const all = [...state.selections.keys()].flatMap((id) => {
    const chain = instances.get(id) ?? [];
    const whole = wholeFrom(chain, after);
    const from = whole === null || whole <= after ? after : lsnBefore(whole);
    return segmentsOf(chain, from, upTo).map((segment) => ({ id, segment }));
  });
  const changed: TableSegment[] = [];
  for (let start = 0; start < all.length; start += MOST_DETECTED) {
    const some = all.slice(start, start + MOST_DETECTED);
    const looks = some.map(({ segment }) => ({
      instance: segment.instance.name,
      after: segment.after,
      upTo: segment.upTo,
    }));
    const found = await allRows(session, { tag: 'changedInstances', instances: looks });
    changed.push(...found.flatMap(([index]) => some[Number(index)] ?? []));
  }
  return changed;
}

/** Merges the tables' changes into whole transactions. */
async function* transactionsOf(
  window: Window,
  { cursors, unreadable }: Cursors,
  obstacles: Map<string, SourceEvent[]>,
): AsyncGenerator<readonly SourceEvent[]> {
  for (const [lsn, events] of unreadable) obstacles.set(lsn, [...(obstacles.get(lsn) ?? []), ...events]);
  const told = [...obstacles.keys()].sort();
  const out = new CapturedTransactions(window);
  const share = CHARACTERS_AT_HAND / Math.max(1, cursors.length);
  for (;;) {
    await fillAll(window, cursors, share);
    const first = firstCursor(cursors);
    const lsn = first?.cursor.lsn ?? null;
    const next = told[0];
    if (next !== undefined && (lsn === null || next <= lsn)) {
      out.add(next, obstacles.get(next) ?? []);
      told.shift();
      continue;
    }
    if (first === null) break;
    out.drain(first.cursor, first.until, next ?? null);
    if (out.size >= BATCH_EVENTS) yield out.take();
  }
  out.finish();
  if (out.size > 0) yield out.take();
}

/** Reads on where the next row is not known. What the clean-up removed meanwhile was maybe not read. @throws PenstockError PS2010 */
async function fillAll(window: Window, cursors: readonly CapturedCursor[], share: number): Promise<void> {
  const wanting = cursors.filter(({ isWanting }) => isWanting);
  if (wanting.length === 0) return;
  for (const cursor of wanting) await cursor.fill(window.session, share);
  const now = await readInstances(window.session);
  for (const { logged } of wanting) {
    const before = wholeFrom(window.instances.get(logged.id) ?? [], window.after);
    const whole = wholeFrom(now.get(logged.id) ?? [], window.after);
    if (whole !== null && (whole <= window.after || (before !== null && whole <= before))) continue;
    throw new PenstockError('PS2010', `the server removed changes of ${logged.id} while they were read`);
  }
}

/** Events put together into transactions, each with its begin and its commit. */
class CapturedTransactions {
  readonly #window: Window;
  #events: SourceEvent[] = [];
  #open: { readonly lsn: string; readonly at: Timestamp } | null = null;

  constructor(window: Window) {
    this.#window = window;
  }

  get size(): number {
    return this.#events.length;
  }

  take(): SourceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Events that stand at an LSN. */
  add(lsn: string, events: readonly SourceEvent[]): void {
    this.#begin(lsn);
    this.#events.push(...events);
  }

  /**
   * The next row of the cursor that comes first, and those behind it until another one's row comes next, or an obstacle. A transaction's end
   * is seen by the next one's beginning.
   */
  drain(cursor: CapturedCursor, until: string | null, obstacle: string | null): void {
    for (;;) {
      if (cursor.lsn !== null) this.#change(cursor.lsn, cursor);
      const { head, lsn } = cursor;
      if (head === null || lsn === null || this.size >= BATCH_EVENTS) return;
      if ((until !== null && head >= until) || (obstacle !== null && obstacle <= lsn)) return;
    }
  }

  /** The next row of a cursor. @throws PenstockError PS2008, PS2010 */
  #change(lsn: string, cursor: CapturedCursor): void {
    const { id, table } = cursor.logged;
    if (!this.#window.times.has(lsn))
      throw new PenstockError('PS2010', `the server removed the time of ${lsn} while ${id} was read`);
    this.#begin(lsn);
    const change = cursor.take();
    const { announced } = this.#window.state;
    if (announced.get(id) !== table.schema.fingerprint) {
      announced.set(id, table.schema.fingerprint);
      this.#events.push({ tag: 'schema', schema: table.schema });
    }
    this.#events.push({ tag: 'row', change });
  }

  finish(): void {
    if (this.#open === null) return;
    const { lsn, at } = this.#open;
    const { state } = this.#window;
    state.place = { lsn };
    this.#events.push({ tag: 'commit', position: positionOf(state), committedAt: at });
    this.#open = null;
  }

  #begin(lsn: string): void {
    if (this.#open?.lsn === lsn) return;
    this.finish();
    const { times, state, at: now } = this.#window;
    const shown = times.get(lsn);
    const at = shown === undefined ? now : state.times.commitTime(shown, lsn);
    this.#open = { lsn, at };
    this.#events.push({ tag: 'begin', at, order: lsn });
  }
}
