import { tableId, type TableName } from '../../changes/table-name.ts';
import { error, ok, warning } from '../finding.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { asCaptured, readCapturedColumns, type CapturedColumn } from './capture/captured-table.ts';
import { readInstances } from './capture/instances.ts';
import { captureAgain, captureTable } from './capture/reach.ts';
import { checkRetention } from './check-server.ts';
import { changeFaults } from './describe.ts';
import { isRefused } from './errors.ts';
import { readCaptureRetention } from './log-health.ts';
import { enableCapture, grantTracking, readTableRights } from './prepare.ts';
import type { Database } from './server/database.ts';
import { allRows, oneRow, type Session } from './server/session.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier } from './sql.ts';
import { enableTracking } from './tracking/reach.ts';
import { readTracked } from './tracking/tracked-tables.ts';

const SWITCH_ON = 'SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 7 DAYS, AUTO_CLEANUP = ON);';

/** What change tracking needs of the database and of each table. */
export async function checkTracked(
  session: Session,
  database: Database,
  selections: readonly TableSelection[],
): Promise<Finding[]> {
  const name = identifier(database.name);
  if (database.tracking === null) {
    const message = 'change tracking of the database is off';
    return [error('sqlserver.change_tracking', message, `ALTER DATABASE ${name} ${SWITCH_ON}`)];
  }
  const { retentionMinutes, cleansUp } = database.tracking;
  const longer = `ALTER DATABASE ${name} SET CHANGE_TRACKING (CHANGE_RETENTION = 7 DAYS);`;
  const tracked = await readTracked(session);
  const findings: Finding[] = [
    ok('sqlserver.change_tracking', 'change tracking of the database is on'),
    ...checkRetention(cleansUp ? retentionMinutes : null, longer),
    warning(
      'sqlserver.net_changes',
      'change tracking tells what became of a row, not what it was in between: a history gets no version that was there between two looks only',
      'Nothing to do for a mirror. For a history of every version use extract type cdc.',
    ),
  ];
  const names = selections.map(({ table }) => table);
  const sources = await findSourceTables(session, names);
  for (const selection of selections) {
    const { table } = selection;
    const source = sources.get(tableId(table));
    // What is not there, or cannot be tracked, is told as that.
    if (tracked.has(tableId(table)) || source === undefined) continue;
    if (changeFaults(source, selection, 'tracking').length > 0) continue;
    findings.push(
      error('sqlserver.tracked_table', `changes of ${tableId(table)} are not tracked`, enableTracking(table)),
    );
  }
  for (const { table, tracking } of await readTableRights(session, names)) {
    if (tracking !== false) continue;
    const message = `the user may not see the tracked changes of ${tableId(table)}`;
    findings.push(error('sqlserver.view_change_tracking', message, grantTracking(table, database.user)));
  }
  return findings;
}

/** What change data capture needs of the server, the database and each table. */
export async function checkCaptured(
  session: Session,
  database: Database,
  selections: readonly TableSelection[],
): Promise<Finding[]> {
  if (!database.isCaptured) {
    return [error('sqlserver.cdc', 'change data capture of the database is off', enableCapture(database))];
  }
  const user = identifier(database.user);
  const findings: Finding[] = [ok('sqlserver.cdc', 'change data capture of the database is on')];
  const [viewState, selectSchema] = await oneRow(session, { tag: 'databaseRights' });
  if (viewState !== '1') {
    const message = 'the user may not ask where the log ends';
    findings.push(error('sqlserver.view_database_state', message, `GRANT VIEW DATABASE STATE TO ${user};`));
  }
  if (selectSchema !== '1') {
    const message = 'the user may not read the tables of change data capture';
    findings.push(error('sqlserver.select_cdc', message, `GRANT SELECT ON SCHEMA::cdc TO ${user};`));
    return findings;
  }
  findings.push(...(await checkAgent(session)), ...(await checkInstances(session, selections)));
  const remedy = `EXEC sys.sp_cdc_change_job @job_type = N'cleanup', @retention = ${7 * 1440};`;
  return [...findings, ...checkRetention(await readCaptureRetention(session), remedy)];
}

/** The capture job reads the log; without it nothing is ever captured. */
async function checkAgent(session: Session): Promise<Finding[]> {
  const code = 'sqlserver.agent';
  const [upTo] = await oneRow(session, { tag: 'capturedUpTo' });
  const running = await isAgentRunning(session);
  if (running === true) return [ok(code, 'SQL Server Agent is running')];
  const remedy =
    "Start SQL Server Agent, by its service; then EXEC sys.sp_cdc_start_job @job_type = N'capture'; and look at sys.dm_cdc_errors.";
  if (running === false) return [error(code, 'SQL Server Agent is not running: nothing is captured', remedy)];
  if (upTo !== null && upTo !== undefined) return [];
  return [warning(code, 'nothing was captured yet; whether SQL Server Agent is running the user may not know', remedy)];
}

/** Null: the user may not know, or the capture is not the Agent's (Azure). */
async function isAgentRunning(session: Session): Promise<boolean | null> {
  try {
    const [status] = await oneRow(session, { tag: 'agent' });
    return status === undefined || status === null ? null : status === '1';
  } catch (cause) {
    if (isRefused(cause)) return null;
    throw cause;
  }
}

async function checkInstances(session: Session, selections: readonly TableSelection[]): Promise<Finding[]> {
  const instances = await readInstances(session);
  const sources = await findSourceTables(
    session,
    selections.map(({ table }) => table),
  );
  const newestOf = (table: TableName) => instances.get(tableId(table))?.at(-1);
  const captured = await readCapturedColumns(
    session,
    selections.flatMap(({ table }) => newestOf(table)?.name ?? []),
  );
  const findings: Finding[] = [];
  for (const selection of selections) {
    const { table } = selection;
    const id = tableId(table);
    const source = sources.get(id);
    // What is not there, or cannot be captured, is told as that.
    if (source === undefined || changeFaults(source, selection, 'capture').length > 0) continue;
    const newest = newestOf(table);
    if (newest === undefined) {
      findings.push(error('sqlserver.captured_table', `changes of ${id} are not captured`, captureTable(table)));
      continue;
    }
    const again = captureAgain(table, instances.get(id) ?? []);
    if (!newest.hasCommandId) {
      const message = `capture instance ${newest.name} of ${id} was made by an older server and keeps no order of commands`;
      findings.push(error('sqlserver.captured_table', message, again));
    }
    const missing = uncaptured(source, captured.get(newest.name) ?? []);
    if (missing.length === 0) continue;
    const message = `${id}: no capture instance holds ${missing.join(', ')}, which is not replicated`;
    findings.push(warning('sqlserver.captured_columns', message, again));
  }
  const names = selections.flatMap(({ table }) => instances.get(tableId(table))?.at(-1)?.name ?? []);
  if (names.length === 0) return findings;
  for (const [index, may] of await allRows(session, { tag: 'captureRights', instances: names })) {
    if (may === '1') continue;
    const message = `the user may not read capture instance ${names[Number(index)] ?? ''}`;
    const remedy =
      'Add the user to the role that was given as @role_name when the table was enabled: ALTER ROLE … ADD MEMBER ….';
    findings.push(error('sqlserver.captured_table', message, remedy));
  }
  return findings;
}

/** Columns that were added since the instance was made, or left out of it. */
function uncaptured(source: SourceTable, columns: readonly CapturedColumn[]): string[] {
  const held = new Set(asCaptured(source, columns).columns);
  return source.columns.filter((column) => !column.isComputed && !held.has(column)).map(({ name }) => name);
}
