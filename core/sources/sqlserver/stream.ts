import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import type { Clock } from '../../host/host.ts';
import { ServerTimes } from '../server-times.ts';
import type { ChangeStream, TableSelection } from '../source-connector.ts';
import { timeZone } from '../time-zone.ts';
import { capturedEvents } from './capture/capture-stream.ts';
import type { LoggedTable } from './logged-table.ts';
import { capturedReachOf, trackedPlaceOf } from './place.ts';
import { changeReading, reachTracked, requireCaptureFrom } from './prepare.ts';
import { guarded, type Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { trackingEvents } from './tracking/tracking-stream.ts';

export interface StreamContext {
  readonly access: Access;
  readonly clock: Clock;
  /** When the last position that was given out was reached at the source. */
  readonly progress: { readAt: Timestamp | null };
}

/** Opens what change tracking tells behind `after`. @throws PenstockError PS2001, PS2005, PS2006 */
export async function openTracking(
  context: StreamContext,
  after: SourcePosition,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<ChangeStream> {
  const { access } = context;
  await reachTracked(access, tables, after, signal);
  const session = await access.open(signal);
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const state = {
    lineage: after.lineage,
    selections: byId(tables),
    reading: changeReading(access),
    isExact: access.settings.snapshotIsolation === 'require',
    place: trackedPlaceOf(after),
    announced: new Map<string, LoggedTable>(),
    ended: new Set<string>(),
  };
  return new RoundStream(context, session, ended, both, trackingEvents(session, state, context, both));
}

/** Opens what change data capture has kept behind `after`. @throws PenstockError PS2001, PS2004, PS2005, PS2006 */
export async function openCapture(
  context: StreamContext,
  after: SourcePosition,
  tables: readonly TableSelection[],
  signal: AbortSignal,
): Promise<ChangeStream> {
  const { access } = context;
  await requireCaptureFrom(access, tables, after, signal);
  const session = await access.open(signal);
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const place = capturedReachOf(after);
  const { serverTimeZone } = access.settings;
  const zone = serverTimeZone === null ? null : timeZone(serverTimeZone);
  const state = {
    lineage: after.lineage,
    selections: byId(tables),
    reading: changeReading(access),
    place,
    times: new ServerTimes(zone, place.times ?? null),
    shown: '',
    announced: new Map<string, string>(),
    ended: new Set<string>(),
  };
  return new RoundStream(context, session, ended, both, capturedEvents(session, state, context, both));
}

function byId(tables: readonly TableSelection[]): ReadonlyMap<string, TableSelection> {
  return new Map(tables.map((selection) => [tableId(selection.table), selection]));
}

/** Rounds on one session, which is the stream's: an abort and the stream's end end it at once. */
class RoundStream implements ChangeStream {
  readonly #context: StreamContext;
  readonly #session: Session;
  readonly #ended: AbortController;
  readonly #signal: AbortSignal;
  readonly #events: AsyncGenerator<readonly SourceEvent[]>;

  constructor(
    context: StreamContext,
    session: Session,
    ended: AbortController,
    signal: AbortSignal,
    events: AsyncGenerator<readonly SourceEvent[]>,
  ) {
    this.#context = context;
    this.#session = session;
    this.#ended = ended;
    this.#signal = signal;
    this.#events = events;
    signal.addEventListener('abort', this.#destroy, { once: true });
    if (signal.aborted) session.destroy();
  }

  /** The server drops changes by time, for nobody in particular. */
  acknowledge(): void {
    // Nothing is kept for us that could be released.
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly SourceEvent[]> {
    for (;;) {
      this.#signal.throwIfAborted();
      const next = await guarded(this.#session, this.#signal, 'read changes', () => this.#events.next());
      if (next.done === true) return;
      const last = next.value.at(-1);
      if (last?.tag === 'commit') this.#context.progress.readAt = last.committedAt;
      if (last?.tag === 'heartbeat') this.#context.progress.readAt = last.at;
      yield next.value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#destroy);
    this.#ended.abort();
    this.#session.destroy();
    await this.#session[Symbol.asyncDispose]();
  }

  readonly #destroy = (): void => {
    this.#session.destroy();
  };
}
