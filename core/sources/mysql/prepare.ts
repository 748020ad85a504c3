import { PenstockError } from '../../errors/penstock-error.ts';
import type { SourcePosition } from '../../changes/position.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSelection } from '../source-connector.ts';
import { withSession, type Access, type Session } from './connection.ts';
import { replicatedTable, type Reading, type ReplicatedTable } from './describe.ts';
import { readFileCreated } from './wire/file-created.ts';
import { endOfLog, logStatus, readLineage } from './lineage.ts';
import { unloggedDatabases } from './server/log-filters.ts';
import { placeOf, positionAt, type LogPlace } from './place.ts';
import { requireSameFile, requireSameLog } from './server/same-log.ts';
import { readSourceTables } from './source-table.ts';

/** How tables are read from this server's log. */
export function logReading(session: Session, access: Access): Reading {
  return { fromLog: true, virtualColumns: session.isMariaDb, policies: access.settings };
}

/** Tables as the log gives them. @throws PenstockError PS1005, PS1006, PS2011 */
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

/**
 * MySQL keeps its log by time, for nobody in particular: there is nothing to make. A new position is where the log ends;
 * a known one must still be there. See SourceConnector.prepare.
 */
export async function prepareLog(
  access: Access,
  tables: readonly TableSelection[],
  known: SourcePosition | null,
  serverId: number,
  signal: AbortSignal,
): Promise<SourcePosition> {
  return withSession(access, signal, 'prepare the log', async (session) => {
    if (known !== null) await requireSameLog(session, known);
    await requireRowFormat(session);
    await requireLogged(session, tables);
    const described = await describeTables(session, tables, logReading(session, access));
    await requireWholeRows(session, described);
    if (known !== null) {
      const { file, created } = placeOf(known);
      if (created !== null) requireSameFile(file, created, await readFileCreated(access, file, serverId, signal));
      return known;
    }
    const end = await endOfLog(session);
    const lineage = await readLineage(session);
    const created = await readFileCreated(access, end.file, serverId, signal);
    return positionAt(lineage, { ...end, created, gtid: await gtidAt(session, end) });
  });
}

/** @throws PenstockError PS2005 */
async function requireLogged(session: Session, tables: readonly TableSelection[]): Promise<void> {
  const databases = tables.map(({ table }) => table.schema);
  const unlogged = unloggedDatabases((await logStatus(session)) ?? new Map(), databases);
  if (unlogged.length === 0) return;
  throw new PenstockError('PS2005', `the server leaves database ${unlogged.join(', ')} out of its log`, {
    remedy:
      'Remove binlog_do_db and binlog_ignore_db from my.cnf, or name the database there, and start the server again.',
  });
}

/** @throws PenstockError PS2005 */
async function requireRowFormat(session: Session): Promise<void> {
  const [row] = await session.rows('SELECT @@global.binlog_format');
  if (row?.[0] === 'ROW') return;
  throw new PenstockError('PS2005', `binlog_format is ${row?.[0] ?? '?'}: the log holds statements, not rows`, {
    remedy: `SET GLOBAL binlog_format = 'ROW'; and binlog_format = ROW in my.cnf (RDS: in the parameter group). Sessions that are open keep the old format.`,
  });
}

/** A table without a key is found again by its whole old row only. @throws PenstockError PS2011 */
async function requireWholeRows(session: Session, tables: readonly ReplicatedTable[]): Promise<void> {
  const [row] = await session.rows('SELECT @@global.binlog_row_image');
  if (row?.[0] === 'FULL') return;
  const table = tables.find(({ schema }) => schema.identity.tag === 'row');
  if (table === undefined) return;
  const id = tableId(table.schema.table);
  throw new PenstockError(
    'PS2011',
    `${id} has no key, and binlog_row_image is ${row?.[0] ?? '?'}: old rows are not whole`,
    {
      table: id,
      remedy: `SET GLOBAL binlog_row_image = 'FULL'; and in my.cnf; or give the table a primary key.`,
    },
  );
}

/** The last transaction before a place, where the server can tell. */
async function gtidAt(session: Session, place: LogPlace): Promise<string | null> {
  if (!session.isMariaDb) return null;
  const [row] = await session.rows(`SELECT BINLOG_GTID_POS('${place.file}', ${place.position})`);
  const text = row?.[0] ?? '';
  return text === '' ? null : (text.split(',').at(-1) ?? null);
}
