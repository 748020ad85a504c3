import type { ProcessedLogfile } from '../../../events/flow-events.ts';
import type { Clock } from '../../../host/host.ts';
import { serverErrorNumber, sourceError } from '../errors.ts';
import type { Access } from '../server/guarded.ts';
import type { ClockSight } from '../../server-times.ts';
import { earlierScn } from '../mining/scn.ts';
import type { Session } from '../server/session.ts';
import { shownMilliseconds } from '../source-time.ts';
import type { MinedFilter } from '../statements/mining.ts';
import { endedLogs, EndedLogsTold, type EndedLog } from './ended-logs.ts';
import { inventoryOf, requireWhole, type ThreadLogs } from './inventory.ts';
import { listLogs, type ListedLogs } from './list-logs.ts';
import { logPlaceOf, type LogPlace, type ResumePlace } from './log-place.ts';
import type { MiningMode } from './mining-mode.ts';
import type { MiningStep } from './mining-step.ts';
import { inOrder } from './ordered-readings.ts';
import type { PassLimits } from './passes.ts';
import { readLogs, type ReadingTimes } from './read-logs.ts';
import { RoundFailures } from './retry.ts';
import type { Reading, RoundPlan } from './round-plan.ts';

export interface MiningContext {
  readonly access: Pick<Access, 'openRoot' | 'openMining'>;
  readonly clock: Clock;
  readonly mode: MiningMode;
  /** Where to begin. */
  readonly resume: ResumePlace;
  readonly limits: PassLimits;
  /** Sessions of LogMiner at once, where the mode has more readings than one. */
  readonly sessions: number;
  /** DEST_ID; null: the first one that works. */
  readonly archiveDestination: number | null;
  /**
   * Asked before each round: objects change with the tables' partitions. With the tables' names, for rows of partitions that are added
   * while the round is read: what the filter leaves out never comes again.
   */
  readonly filter: () => Promise<MinedFilter>;
  /** Whether it is still the same database; asked before each round. @throws PenstockError PS2001 */
  readonly requireLineage: (session: Session) => Promise<void>;
  /** Told of the clock before each round. */
  readonly looked: (sight: ClockSight) => void;
  /** Told of each log once, when all was read in the round that reads its end. */
  readonly logfileProcessed: (file: ProcessedLogfile) => void;
  /** Between looks for new redo. */
  readonly pollMilliseconds: number;
}

/** Rounds for ever: lists the logs, chooses, mines, waits. Ends with an error, or with the signal's reason. @throws PenstockError PS2002 to PS2010 */
export async function* miningSteps(context: MiningContext, signal: AbortSignal): AsyncGenerator<MiningStep> {
  await using sessions = new MiningSessions(context.access, signal);
  let place = logPlaceOf(context.resume);
  const failures = new RoundFailures();
  const told = new EndedLogsTold(context.logfileProcessed);
  for (;;) {
    signal.throwIfAborted();
    try {
      await context.requireLineage(await sessions.forLists());
      const planned = await planRound(context, sessions, place);
      if (planned !== null) {
        const { plan, ended } = planned;
        yield* round(context, sessions, plan, (times) => told.tell(ended, times));
        place = plan.next;
        failures.forget();
        if (plan.isBehind) continue;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!failures.isTriedAgain(serverErrorNumber(error))) throw sourceError(error, 'read redo logs');
    }
    await context.clock.sleep(context.pollMilliseconds, signal);
  }
}

async function planRound(
  { mode, limits, archiveDestination, looked }: MiningContext,
  sessions: MiningSessions,
  place: LogPlace,
): Promise<{ readonly plan: RoundPlan; readonly ended: readonly EndedLog[] } | null> {
  const request = {
    behind: mode.needsDictionary ? 0n : place.scn,
    destination: archiveDestination,
    followsOnline: mode.followsOnline,
  };
  const { listed, inventory } = await wholeInventory(() => listLogsOn(sessions, request), place);
  const { files, sight, work } = listed;
  looked(sight);
  const time = { now: sight.at, offset: sight.offset };
  const plan = mode.plan({ inventory, files, place, limits, now: shownMilliseconds(time), work });
  return plan === null ? null : { plan, ended: endedLogs(inventory, plan, time) };
}

async function listLogsOn(sessions: MiningSessions, request: Parameters<typeof listLogs>[1]): Promise<ListedLogs> {
  return listLogs(await sessions.forLists(), request);
}

/** A log that seems to be missing is looked for once more: the server's views are no snapshot. @throws PenstockError PS2006 */
async function wholeInventory(
  list: () => Promise<ListedLogs>,
  place: LogPlace,
): Promise<{ readonly listed: ListedLogs; readonly inventory: readonly ThreadLogs[] }> {
  const first = await list();
  const inventory = inventoryOf(first.files, first.threads, place);
  if (inventory.every(({ missing }) => missing === null)) return { listed: first, inventory };
  const listed = await list();
  const again = inventoryOf(listed.files, listed.threads, place);
  requireWhole(again);
  return { listed, inventory: again };
}

async function* round(
  { filter, sessions: most, clock }: MiningContext,
  sessions: MiningSessions,
  { readings, threads, through, readThrough, lastLogs }: RoundPlan,
  wasRead: (times: ReadonlyMap<Reading, ReadingTimes>) => void,
): AsyncGenerator<MiningStep> {
  const chosen = await filter();
  const workers = await sessions.forMining(Math.min(most, readings.length));
  const from = readings.map((reading) => reading.from).reduce(earlierScn);
  yield { tag: 'begin', threads, from, through };
  const times = new Map<Reading, ReadingTimes>();
  const read = (session: Session, reading: Reading) =>
    readLogs(session, reading, chosen, clock, (took) => times.set(reading, took));
  const mined = inOrder(workers, readings, read, (session) => session.destroy());
  for await (const rows of mined) yield { tag: 'rows', rows };
  wasRead(times);
  yield { tag: 'end', through: readThrough, lastLogs };
}

/** The sessions of a stream, opened when they are needed; an abort ends all of them at once. */
class MiningSessions implements AsyncDisposable {
  readonly #access: MiningContext['access'];
  readonly #signal: AbortSignal;
  #lists: Session | null = null;
  #mining: Session[] = [];

  constructor(access: MiningContext['access'], signal: AbortSignal) {
    this.#access = access;
    this.#signal = signal;
    signal.addEventListener('abort', this.#destroy, { once: true });
  }

  async forLists(): Promise<Session> {
    if (this.#lists === null || this.#lists.isBroken) this.#lists = await this.#access.openRoot(this.#signal);
    return this.#lists;
  }

  /** One that was cut off in the round before is opened anew. */
  async forMining(count: number): Promise<readonly Session[]> {
    const broken = this.#mining.filter(({ isBroken }) => isBroken);
    this.#mining = this.#mining.filter((session) => !broken.includes(session));
    await Promise.all(broken.map((session) => session[Symbol.asyncDispose]()));
    while (this.#mining.length < count) this.#mining.push(await this.#access.openMining(this.#signal));
    return this.#mining.slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#destroy);
    this.#destroy();
    await Promise.all(this.#all.map((session) => session[Symbol.asyncDispose]()));
  }

  get #all(): readonly Session[] {
    return this.#lists === null ? this.#mining : [...this.#mining, this.#lists];
  }

  readonly #destroy = (): void => {
    for (const session of this.#all) session.destroy();
  };
}
