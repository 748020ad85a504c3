import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Clock } from '../../host/host.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { checkContainerSeen } from './server/check-containers.ts';
import { checkArchiveLog, checkSupplemental } from './check-server.ts';
import { checkTableLogging, readLogGroups } from './check-tables.ts';
import { checkUnlogged, readUnlogged } from './server/check-unlogged.ts';
import { replicatedTable, type Reading, type ReplicatedTable } from './describe.ts';
import { serverErrorNumber } from './errors.ts';
import { readLogLineage, requireLineage, requireReached } from './lineage.ts';
import { inventoryOf, requireWhole } from './logs/inventory.ts';
import { listLogs } from './logs/list-logs.ts';
import { logPlaceOf } from './logs/log-place.ts';
import { minedPath } from './logs/modes/remote-log-miner.ts';
import { RoundFailures } from './logs/retry.ts';
import { minableHandOff } from './logs/minable-hand-off.ts';
import { isStill, mostKept, printKept, structureOf } from './following/table-structure.ts';
import { minedPlaceOf, withTables } from './mining/mined-place.ts';
import { handOffPosition } from './place.ts';
import { isInPluggable, isOnRds, readDatabase, type Database } from './server/database.ts';
import { withSession, type Access } from './server/guarded.ts';
import { currentScn, readHandOff, type HandOff } from './server/hand-off.ts';
import { withNoneInDoubt } from './server/in-doubt.ts';
import type { Session } from './server/session.ts';
import { findSourceTables, readSourceTables } from './source-table.ts';

/** Tables as they are now, with the user's choices. @throws PenstockError PS1001, PS1005, PS1006, PS2011 */
export async function describeTables(
  session: Session,
  tables: readonly TableSelection[],
  reading: Reading,
): Promise<ReplicatedTable[]> {
  const sources = await readSourceTables(
    session,
    tables.map(({ table }) => table),
  );
  return sources.flatMap((source, index) => {
    const selection = tables[index];
    return selection === undefined ? [] : [replicatedTable(source, selection, reading)];
  });
}

/** How tables are read whose changes come from the redo logs. */
export function logReading({ settings }: Access): Reading {
  return { fromLogs: true, policies: settings };
}

const DOING = 'prepare to read redo logs';
const DICTIONARY_LOOK_MILLISECONDS = 5000;

/**
 * Oracle logs what its administrator has told it to: nothing is made here, but for extract type remoteLogMiner a dictionary in the logs. A new position is that of now, with what is open; behind a known
 * one every log must still be there. See SourceConnector.prepare.
 */
export async function prepareLogs(
  access: Access,
  clock: Clock,
  tables: readonly TableSelection[],
  known: SourcePosition | null,
  signal: AbortSignal,
): Promise<SourcePosition> {
  const { lineage, database, described } = await withSession(access, signal, DOING, async (session) => {
    const found = await readLogLineage(session);
    if (known !== null) await requireSame(session, known, found, clock, signal);
    const database = await readDatabase(session);
    const before = await describeTables(session, tables, logReading(access));
    await requireTableLogging(session, database, before);
    return { lineage: found, database, described: before };
  });
  const position = await withSession({ open: access.openRoot }, signal, DOING, async (root) => {
    await requireLogging(root);
    await requireContainerSeen(root, access, database);
    if (known === null) {
      const handOff = await withSession(access, signal, DOING, (session) =>
        withNoneInDoubt(session, () => beginning(root, access, clock, signal)),
      );
      return handOffPosition(lineage, handOff);
    }
    await requireReach(root, access, known, signal);
    return known;
  });
  return known === null ? withStructures(access, position, described, signal) : position;
}

/** The position with the tables' structures there: of those that are the same before it and behind it. */
function withStructures(
  access: Access,
  position: SourcePosition,
  before: readonly ReplicatedTable[],
  signal: AbortSignal,
): Promise<SourcePosition> {
  return withSession(access, signal, DOING, async (session) => {
    const names = before.map(({ source }) => source.table);
    const behind = await findSourceTables(session, names);
    const same = before.flatMap(({ source }) => {
      const [id, kept] = [tableId(source.table), structureOf(source)];
      const now = behind.get(id);
      const isSame = now !== undefined && isStill(kept, now) && structureOf(now).last === kept.last;
      return isSame ? [[source.table, kept] as const] : [];
    });
    return same.length === 0 ? position : withTables(position, JSON.stringify(printKept(mostKept(same))));
  });
}

/** @throws PenstockError PS2004, PS2010 */
function beginning(root: Session, access: Access, clock: Clock, signal: AbortSignal): Promise<HandOff> {
  const { archiveDestination, miningDatabase } = access.settings;
  if (miningDatabase === null) return readHandOff(root);
  const opens = (archived: readonly string[]) => {
    const paths = archived.map((path) => minedPath(path, miningDatabase.logPaths));
    return withSession({ open: access.openMining }, signal, DOING, (mining) => canOpen(mining, paths));
  };
  const context = { clock, archiveDestination, pollMilliseconds: DICTIONARY_LOOK_MILLISECONDS, opens };
  return minableHandOff(root, context, signal);
}

const NOT_OPENED = 1284;

async function canOpen(session: Session, paths: readonly string[]): Promise<boolean> {
  try {
    await requireFiles(session, paths);
    return true;
  } catch (error) {
    if (serverErrorNumber(error) === NOT_OPENED) return false;
    throw error;
  }
}

/** @throws PenstockError PS2005 */
async function requireLogging(root: Session): Promise<void> {
  const database = await readDatabase(root);
  const isRds = await isOnRds(root);
  requireSound(checkArchiveLog(database, isRds));
  requireSupplemental(database, isRds);
}

/** `database`: as the root tells it, where there is one. @throws PenstockError PS2005 */
export function requireSupplemental(database: Database, isRds: boolean): void {
  requireSound(checkSupplemental(database, isRds));
}

function requireSound(findings: readonly Finding[]): void {
  const fault = findings.find(({ severity }) => severity === 'error');
  if (fault !== undefined) throw new PenstockError('PS2005', fault.message, { remedy: fault.remedy ?? '' });
}

/** `database`: that of the tables. @throws PenstockError PS2004 where the root shows nothing of it */
export async function requireContainerSeen(root: Session, { settings }: Access, database: Database): Promise<void> {
  if (settings.rootDatabase === null) return;
  const [fault] = await checkContainerSeen(root, database);
  if (fault !== undefined) throw new PenstockError('PS2004', fault.message, { remedy: fault.remedy ?? '' });
}

/** @throws PenstockError PS2011 for the first table of whose rows the logs do not hold all columns */
async function requireTableLogging(
  session: Session,
  database: Database,
  tables: readonly ReplicatedTable[],
): Promise<void> {
  const selections = tables.map(({ selection }) => selection);
  const groups = await readLogGroups(session, selections);
  const unlogged = await readUnlogged(session, selections);
  for (const one of tables) {
    const table = tableId(one.selection.table);
    const findings = [
      ...checkTableLogging(one.selection, groups.get(table) ?? new Set(), database),
      ...checkUnlogged(one, unlogged.get(table), database),
    ];
    const fault = findings.find(({ severity }) => severity === 'error');
    if (fault !== undefined) throw new PenstockError('PS2011', fault.message, { remedy: fault.remedy ?? '', table });
  }
}

/** See SourceConnector.checkReach. */
export async function checkLogReach(
  access: Access,
  clock: Clock,
  from: SourcePosition,
  signal: AbortSignal,
): Promise<void> {
  await withSession(access, signal, DOING, async (session) => {
    await requireSame(session, from, await readLogLineage(session), clock, signal);
  });
  await withSession({ open: access.openRoot }, signal, DOING, (root) => requireReach(root, access, from, signal));
}

async function requireSame(
  session: Session,
  known: SourcePosition,
  lineage: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  requireLineage(known, lineage);
  await requireReached(session, known, clock, signal);
}

/** @throws PenstockError PS2006 for the first log that is missing */
async function requireReach(root: Session, access: Access, known: SourcePosition, signal: AbortSignal): Promise<void> {
  const { archiveDestination, miningDatabase } = access.settings;
  const place = logPlaceOf(minedPlaceOf(known).resume);
  const request = { behind: place.scn, destination: archiveDestination, followsOnline: false };
  const { files, threads } = await listLogs(root, request);
  const inventory = inventoryOf(files, threads, place);
  requireWhole(inventory);
  // A file that was removed from the disk is listed all the same: LogMiner opens each that it is given.
  const archived = inventory.flatMap(({ logs }) => logs.flatMap(({ path, isOnline }) => (isOnline ? [] : [path])));
  if (miningDatabase !== null) {
    const paths = archived.map((path) => minedPath(path, miningDatabase.logPaths));
    await withSession({ open: access.openMining }, signal, DOING, (mining) => requireFiles(mining, paths));
  } else if (isInPluggable(await readDatabase(root))) await requireFilesInside(root, place.scn.toString());
  else await requireFiles(root, archived);
}

async function requireFiles(session: Session, paths: readonly string[]): Promise<void> {
  for (const [index, file] of paths.entries()) {
    await session.run({ tag: 'addLogFile', file, isFirst: index === 0 });
  }
}

/** Only the root adds logs: inside a pluggable database LogMiner finds and opens them by itself, when it begins. */
async function requireFilesInside(session: Session, from: string): Promise<void> {
  const failures = new RoundFailures();
  for (;;) {
    try {
      const upTo = await currentScn(session);
      await session.run({ tag: 'startMining', from, upTo, dictionary: 'online', isContinuous: false });
      await session.run({ tag: 'endMining' });
      return;
    } catch (error) {
      // A log that is archived just now may be missing for a moment.
      if (!failures.isTriedAgain(serverErrorNumber(error))) throw error;
    }
  }
}
