import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import type { ProcessedLogfile } from '../../events/flow-events.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import type { Clock } from '../../host/host.ts';
import type { ScratchSpace } from '../../host/scratch.ts';
import { ServerTimes } from '../server-times.ts';
import type { ChangeStream, TableSelection } from '../source-connector.ts';
import { timeZone } from '../time-zone.ts';
import { sourceError } from './errors.ts';
import { askValues } from './following/asked-values.ts';
import { FollowedTable } from './following/followed-table.ts';
import { FollowedTables } from './following/followed-tables.ts';
import { readKept } from './following/table-structure.ts';
import { readLogLineage, requireLineage, requireReached } from './lineage.ts';
import { LogDecoder, type AlteredTable } from './log-decoder.ts';
import { describeNow, readCharacterSets, readObjects } from './logged-table-resolver.ts';
import { chooseMode } from './logs/choose-mode.ts';
import { miningSteps, type MiningContext } from './logs/mining-rounds.ts';
import type { MiningMode } from './logs/mining-mode.ts';
import { minedPlaceOf } from './mining/mined-place.ts';
import type { MinedTable } from './mining/mined-table.ts';
import { minedTransactions } from './mining/mined-transactions.ts';
import { ParsedChanges } from './mining/parsed-changes.ts';
import { paddedScn } from './mining/scn.ts';
import type { MinedEvent } from './mining/transaction-events.ts';
import type { OldestTransaction } from './mining/transaction-miner.ts';
import { isSupplemented } from './check-server.ts';
import { logReading, requireSupplemental } from './prepare.ts';
import { RedoParser } from './redo/redo-parser.ts';
import { isInPluggable, isOnRds, readDatabase, readRelease } from './server/database.ts';
import { guarded, withSession, type Access } from './server/guarded.ts';
import { currentScn } from './server/hand-off.ts';
import type { Session } from './server/session.ts';
import type { CharacterSets } from './values/raw-column.ts';
import { readClockSight, sourceTimestamp } from './source-time.ts';

export interface StreamContext {
  readonly access: Access;
  readonly clock: Clock;
  readonly scratch: ScratchSpace;
  /** Sessions of LogMiner at once. */
  readonly extractThreads: number;
  /** Of open transactions together; what is more goes to disk. */
  readonly memoryBytes: number;
  /** When the oldest redo that is still needed was written at the source. */
  readonly progress: { readAt: Timestamp | null };
  readonly logfileProcessed: (file: ProcessedLogfile) => void;
}

const DOING = 'read the redo logs';

/** Opens the redo logs behind `after`. @throws PenstockError PS2001, PS2004, PS2005, PS2006 */
export async function openLog(
  context: StreamContext,
  after: SourcePosition,
  selections: readonly TableSelection[],
  signal: AbortSignal,
): Promise<ChangeStream> {
  const { access } = context;
  const mode = await withSession({ open: access.openMining }, signal, DOING, async (mining) => {
    const [release, database] = [await readRelease(mining), await readDatabase(mining)];
    const logPaths = access.settings.miningDatabase?.logPaths ?? [];
    const server = { release: release.major, isInPluggable: isInPluggable(database), logPaths };
    return { chosen: chooseMode(access.settings.extractType, server), isInPluggable: server.isInPluggable };
  });
  const side = new SideSession(access, signal);
  try {
    const start = await side.work(async (session) => {
      requireLineage(after, await readLogLineage(session));
      await requireReached(session, after, context.clock, signal);
      const database = await readDatabase(session);
      const isElsewhere = isInPluggable(database) && !mode.isInPluggable;
      const container = isElsewhere ? (database.container?.name ?? null) : null;
      const tables = await followedTables(session, access, { after, selections, container });
      const characterSets = await readCharacterSets(session);
      return { after, mode: mode.chosen, tables, container, characterSets, now: await sourceTimestamp(session) };
    });
    return new OracleStream(context, side, start, signal);
  } catch (error) {
    await side[Symbol.asyncDispose]();
    throw error;
  }
}

async function followedTables(
  session: Session,
  access: Access,
  {
    after,
    selections,
    container,
  }: Pick<StreamStart, 'after' | 'container'> & { selections: readonly TableSelection[] },
): Promise<FollowedTables> {
  const kept = readKept(minedPlaceOf(after).tables ?? {});
  const objects = await readObjects(session, selections);
  const now = await describeNow(session, selections);
  const tables = new FollowedTables(
    selections.flatMap((selection) => {
      const id = tableId(selection.table);
      const described = now.get(id);
      if (described === undefined) return [];
      return [new FollowedTable(selection, logReading(access), described, kept.get(id) ?? null)];
    }),
    container,
  );
  tables.addObjects(objects);
  tables.asked(objects, [...now.values()][0]?.scn ?? '0');
  for (const [id, table] of kept) tables.addFormer(id, table);
  return tables;
}

/** A session in the database of the tables, beside those that mine: for structures, and for values that the logs do not hold. */
class SideSession implements AsyncDisposable {
  readonly #access: Pick<Access, 'open'>;
  readonly #signal: AbortSignal;
  #session: Session | null = null;

  constructor(access: Pick<Access, 'open'>, signal: AbortSignal) {
    this.#access = access;
    this.#signal = signal;
  }

  /** @throws PenstockError PS2010 where it was lost: the stream is opened anew then */
  async work<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.#session ??= await this.#access.open(this.#signal);
    const session = this.#session;
    if (session.isBroken) throw new PenstockError('PS2010', 'the server ended the connection');
    return guarded(session, this.#signal, DOING, () => work(session));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session?.destroy();
    await this.#session?.[Symbol.asyncDispose]();
  }
}

interface StreamStart {
  readonly after: SourcePosition;
  readonly mode: MiningMode;
  readonly tables: FollowedTables;
  /** The pluggable database of the tables, where logs of others are read with its own. */
  readonly container: string | null;
  readonly characterSets: CharacterSets;
  /** The source's time then. */
  readonly now: Timestamp;
}

class OracleStream implements ChangeStream {
  readonly #context: StreamContext;
  readonly #side: SideSession;
  readonly #start: StreamStart;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #mined: AsyncGenerator<readonly MinedEvent[]>;
  readonly #changes: ParsedChanges;
  readonly #decoder: LogDecoder;
  /** Where logs are listed. */
  readonly #root: SideSession;
  readonly #times: ServerTimes;
  #now: Timestamp;
  #oldest: () => OldestTransaction | null = () => null;

  constructor(context: StreamContext, side: SideSession, start: StreamStart, signal: AbortSignal) {
    this.#context = context;
    this.#side = side;
    this.#start = start;
    this.#signal = signal;
    this.#now = start.now;
    const { after, tables, characterSets } = start;
    const { access } = context;
    const { rootDatabase, serverTimeZone } = access.settings;
    this.#root = rootDatabase === null ? side : new SideSession({ open: access.openRoot }, signal);
    const zone = serverTimeZone === null ? null : timeZone(serverTimeZone);
    this.#times = new ServerTimes(zone, minedPlaceOf(after).times ?? null);
    const settings = {
      ...{ after, scratch: context.scratch, memoryBytes: context.memoryBytes },
      follows: (table: MinedTable, isStatement: boolean) => tables.follows(table, isStatement),
      wentBack: (before: string, { shown, scn }: { readonly shown: string; readonly scn: string }) => {
        this.#times.wentBack(before, { shown, place: paddedScn(scn) });
      },
    };
    const steps = miningSteps(this.#mining(), AbortSignal.any([signal, this.#ended.signal]));
    this.#mined = minedTransactions(steps, settings, (miner) => {
      this.#oldest = () => miner.oldest;
    });
    this.#changes = new ParsedChanges(new RedoParser(access.settings.redoQuotes));
    this.#decoder = new LogDecoder(tables, {
      characterSets,
      resolve: (altered) => this.#resolve(altered),
      askNumbers: (unheard) =>
        this.#side.work(async (session) => {
          tables.askedFor(unheard, await readObjects(session, tables.selections));
        }),
      ask: (asked) => this.#side.work((session) => askValues(session, asked)),
      commitTime: (shown, scn) => this.#times.commitTime(shown, paddedScn(scn)),
      timeNear: (shown, order) => this.#timeNear(shown, order),
      times: () => this.#times.kept,
    });
  }

  /** The server drops its logs by time, for nobody in particular. */
  acknowledge(): void {
    // Nothing is kept for us that could be released.
  }

  async *[Symbol.asyncIterator](): AsyncIterator<readonly SourceEvent[]> {
    try {
      for (;;) {
        this.#signal.throwIfAborted();
        const next = await this.#mined.next();
        if (next.done === true) throw new PenstockError('PS2010', 'the stream was closed');
        await this.#lookBehind(next.value);
        for await (const events of this.#decoder.decode(this.#changes.parse(next.value))) {
          this.#progress(events);
          if (events.length > 0) yield events;
        }
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      if (this.#ended.signal.aborted) throw new PenstockError('PS2010', 'the stream was closed', { cause: error });
      // Its sessions were there: that a new one cannot be opened tells that the server is gone.
      if (hasCode(error, 'PS2002')) {
        throw new PenstockError('PS2010', error.message, { remedy: error.remedy, cause: error });
      }
      throw sourceError(error, DOING);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#side[Symbol.asyncDispose]();
    await this.#root[Symbol.asyncDispose]();
    // Where it waits for something, that has just failed, and is told to whoever waits; else its sessions and files are let go now.
    await this.#mined.return(undefined).catch(() => undefined);
  }

  #mining(): MiningContext {
    const { access, clock, extractThreads, logfileProcessed } = this.#context;
    const { logFileCatchupCount, logCatchupMinutes, logCatchupOffsetMinutes, logFileLookAhead } = access.settings;
    const { after, mode, tables, container } = this.#start;
    return {
      ...{ access, clock, mode, resume: minedPlaceOf(after).resume, sessions: extractThreads },
      limits: {
        count: logFileCatchupCount,
        minutes: logCatchupMinutes,
        offsetMinutes: logCatchupOffsetMinutes,
        lookAhead: logFileLookAhead,
      },
      archiveDestination: access.settings.archiveDestination,
      logfileProcessed,
      pollMilliseconds: access.settings.pollSeconds * 1000,
      filter: async () => {
        await this.#side.work(async (session) => {
          const objects = await readObjects(session, tables.selections);
          tables.asked(objects, await currentScn(session));
        });
        const names = tables.selections.map(({ table }) => table);
        return { objects: tables.objects, tables: names, container };
      },
      // Of the database of the tables: a pluggable one can be set back by itself.
      requireLineage: async (root) => {
        // Switched off meanwhile, it is missed by LogMiner without a word: what is read then may be rows in pieces.
        const database = await readDatabase(root);
        if (!isSupplemented(database)) requireSupplemental(database, await isOnRds(root));
        await this.#side.work(async (session) => {
          requireLineage(after, await readLogLineage(session));
        });
      },
      looked: (sight) => {
        this.#times.look(sight);
        this.#now = sight.at;
      },
    };
  }

  async #resolve({ id, added, isAnother }: AlteredTable): Promise<void> {
    const { tables } = this.#start;
    const chosen = tables.selections.filter(({ table }) => tableId(table) === id);
    await this.#side.work(async (session) => {
      const described = (await describeNow(session, chosen)).get(id);
      if (described !== undefined) tables.alter(id, described, added);
      const objects = await readObjects(session, chosen);
      // Rows of parts that are gone may still come, until what ended them is read.
      if (isAnother) tables.replaceObjects(id, objects);
      else tables.addObjects(objects);
    });
  }

  /** A clock that was changed since it was looked at last has another offset behind that. */
  async #lookBehind(events: readonly MinedEvent[]): Promise<void> {
    const { reach } = this.#times;
    const isBehind = (event: MinedEvent) => event.tag === 'begin' && (reach === null || paddedScn(event.scn) > reach);
    if (events.some(isBehind)) this.#times.look(await this.#root.work(readClockSight));
  }

  #timeNear(shown: string | null, order: string): Timestamp {
    return shown === null ? this.#now : this.#times.timeNear(shown, order);
  }

  #progress(events: readonly SourceEvent[]): void {
    const last = events.at(-1);
    if (last?.tag !== 'commit' && last?.tag !== 'heartbeat') return;
    const oldest = this.#oldest();
    const reached = last.tag === 'commit' ? last.committedAt : last.at;
    this.#context.progress.readAt = oldest === null ? reached : this.#timeNear(oldest.since, paddedScn(oldest.scn));
  }
}
