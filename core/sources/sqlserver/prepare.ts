import type { SourcePosition } from '../../changes/position.ts';
import { tableId, type TableName } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { TableSelection } from '../source-connector.ts';
import { describeCaptured } from './capture/captured-table.ts';
import { readInstances } from './capture/instances.ts';
import { replicatedTable, type Reading, type ReplicatedTable } from './describe.ts';
import { lineageOf, requireLineage } from './lineage.ts';
import { endOfLog } from './open-snapshot.ts';
import { keptSight } from '../server-times.ts';
import { capturedReachOf, capturedPosition, lsnBefore, trackedPlaceOf, trackedPosition } from './place.ts';
import { readClockSight } from './source-time.ts';
import { allRows, oneRow, type Session } from './server/session.ts';
import { readDatabase, type Database } from './server/database.ts';
import { withSession, type Access } from './server/guarded.ts';
import { requireSnapshots } from './server/views.ts';
import { readSourceTables } from './source-table.ts';
import { literal, qualified } from './sql.ts';
import { requireCaptured, requireCapturedReach, type CapturedLog } from './capture/reach.ts';
import { requireTracked, requireTrackedReach } from './tracking/reach.ts';
import { freshTables } from './tracking/stale-tables.ts';
import { readTracked } from './tracking/tracked-tables.ts';
import { readVersion } from './tracking/version.ts';

/** How tables are read whose changes come from change tracking or from change data capture. */
export function changeReading({ settings }: Access): Reading {
  return { changes: settings.extractType === 'cdc' ? 'capture' : 'tracking', policies: settings };
}

/** Tables as they are now, with the user's choices. @throws PenstockError PS1005, PS1006, PS2011 */
export async function describeTables(
  session: Session,
  tables: readonly TableSelection[],
  reading: Reading,
): Promise<ReplicatedTable[]> {
  if (reading.changes === 'capture' && (await readDatabase(session)).isCaptured) {
    return describeCaptured(session, tables, reading);
  }
  const sources = await readSourceTables(
    session,
    tables.map(({ table }) => table),
  );
  return sources.flatMap((source, index) => {
    const selection = tables[index];
    return selection === undefined ? [] : [replicatedTable(source, selection, reading)];
  });
}

/**
 * SQL Server tracks and captures what its administrator has switched on: nothing is made here. A new position is that of now; behind a
 * known one some changes must still be there. See SourceConnector.prepare.
 */
export async function prepareTracking(
  access: Access,
  tables: readonly TableSelection[],
  known: SourcePosition | null,
  signal: AbortSignal,
  copiedAnew: ReadonlySet<string>,
): Promise<SourcePosition> {
  return withSession(access, signal, 'prepare change tracking', async (session) => {
    const database = await readDatabase(session);
    const lineage = lineageOf(database);
    if (known !== null) requireLineage(known, lineage);
    requireSnapshots(database, access.settings.snapshotIsolation);
    const tracked = await readTracked(session);
    const version = await readVersion(session);
    await describeTables(session, tables, changeReading(access));
    requireTracked(tables, tracked);
    await requireRights(session, database, tables);
    const ids = tables.map(({ table }) => tableId(table));
    if (known === null)
      return trackedPosition(lineage, { version, told: {}, fresh: freshTables(ids, tracked, version) });
    requireTrackedReach(trackedPlaceOf(known), version, tables, tracked, copiedAnew);
    return known;
  });
}

/**
 * Whether a stream can begin behind a position. Of tables that are gone or not tracked any more the stream tells.
 * @throws PenstockError PS2001, PS2005, PS2006
 */
export async function reachTracked(
  access: Access,
  tables: readonly TableSelection[],
  after: SourcePosition,
  signal: AbortSignal,
): Promise<void> {
  await withSession(access, signal, 'look how far back change tracking reaches', async (session) => {
    const database = await readDatabase(session);
    requireLineage(after, lineageOf(database));
    requireSnapshots(database, access.settings.snapshotIsolation);
    const tracked = await readTracked(session);
    requireTrackedReach(trackedPlaceOf(after), await readVersion(session), tables, tracked, new Set());
  });
}

/** The same for change data capture. */
export async function prepareCapture(
  access: Access,
  tables: readonly TableSelection[],
  known: SourcePosition | null,
  signal: AbortSignal,
  copiedAnew: ReadonlySet<string>,
): Promise<SourcePosition> {
  return withSession(access, signal, 'prepare change data capture', async (session) => {
    const database = await captured(session, known);
    requireSnapshots(database, 'require');
    const log = await readCapturedLog(session);
    requireCaptured(tables, log.instances);
    await describeTables(session, tables, changeReading(access));
    // Whether the log's end is its last record or the next one: what commits there comes, at worst once more.
    if (known === null) {
      const times = keptSight(await readClockSight(session));
      return capturedPosition(lineageOf(database), { lsn: lsnBefore(log.end), times });
    }
    requireCapturedReach(capturedReachOf(known), log, tables, copiedAnew);
    return known;
  });
}

/** For a stream, which tells itself of tables that cannot be read. @throws PenstockError PS2001, PS2005, PS2006 */
export async function requireCaptureFrom(
  access: Access,
  tables: readonly TableSelection[],
  after: SourcePosition,
  signal: AbortSignal,
): Promise<void> {
  await withSession(access, signal, 'read captured changes', async (session) => {
    await captured(session, after);
    requireCapturedReach(capturedReachOf(after), await readCapturedLog(session), tables, new Set());
  });
}

async function captured(session: Session, known: SourcePosition | null): Promise<Database> {
  const database = await readDatabase(session);
  if (known !== null) requireLineage(known, lineageOf(database));
  requireCaptureOn(database);
  return database;
}

async function readCapturedLog(session: Session): Promise<CapturedLog> {
  const instances = await readInstances(session);
  const [from] = await oneRow(session, { tag: 'capturedFrom' });
  return { instances, from: from ?? null, end: await endOfLog(session) };
}

/** What became of rows is told as of now: what was read once is not told again. See SourceConnector.checkReach. */
export async function checkTrackingReach(access: Access, from: SourcePosition, signal: AbortSignal): Promise<void> {
  await prepareTracking(access, [], from, signal, new Set());
  const what = 'change tracking tells what rows have become by now, and nothing of what they were before';
  throw new PenstockError('PS2006', what);
}

/** The same for change data capture, which keeps what it captured for a while. */
export async function checkCaptureReach(access: Access, from: SourcePosition, signal: AbortSignal): Promise<void> {
  await prepareCapture(access, [], from, signal, new Set());
}

/** The statement that switches capture on. */
export function enableCapture({ name, isRds }: Pick<Database, 'name' | 'isRds'>): string {
  return isRds ? `EXEC msdb.dbo.rds_cdc_enable_db ${literal(name)};` : 'EXEC sys.sp_cdc_enable_db;';
}

/** @throws PenstockError PS2005 */
export function requireCaptureOn(database: Database): void {
  if (database.isCaptured) return;
  throw new PenstockError('PS2005', 'change data capture of the database is off', { remedy: enableCapture(database) });
}

/** @throws PenstockError PS2004 */
async function requireRights(session: Session, { user }: Database, tables: readonly TableSelection[]): Promise<void> {
  const names = tables.map(({ table }) => table);
  for (const { table, tracking } of await readTableRights(session, names)) {
    if (tracking !== false) continue;
    const id = tableId(table);
    throw new PenstockError('PS2004', `the user may not see the tracked changes of ${id}`, {
      table: id,
      remedy: grantTracking(table, user),
    });
  }
}

/** Rights on a table; null: the table is not there. */
export interface TableRights {
  readonly table: TableName;
  readonly select: boolean | null;
  readonly tracking: boolean | null;
}

/** Tables of one statement. */
const AT_ONCE = 200;

export async function readTableRights(session: Session, tables: readonly TableName[]): Promise<TableRights[]> {
  const rights: TableRights[] = [];
  for (let start = 0; start < tables.length; start += AT_ONCE) {
    const some = tables.slice(start, start + AT_ONCE);
    for (const [index, select, tracking] of await allRows(session, { tag: 'tableRights', tables: some })) {
      const table = some[Number(index)];
      if (table !== undefined) rights.push({ table, select: isOn(select), tracking: isOn(tracking) });
    }
  }
  return rights;
}

function isOn(text: string | null | undefined): boolean | null {
  return text === null || text === undefined ? null : text === '1';
}

export function grantTracking(table: TableName, user: string): string {
  return `GRANT VIEW CHANGE TRACKING ON ${qualified(table)} TO [${user.replaceAll(']', ']]')}];`;
}
