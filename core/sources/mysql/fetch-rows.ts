import { tableId } from '../../changes/table-name.ts';
import type { Clock } from '../../host/host.ts';
import { readOnOwnSession } from '../abort.ts';
import { requireSameColumns } from '../same-structure.ts';
import type { FetchedRows, FetchRequest } from '../source-connector.ts';
import { WantedRows } from '../wanted-rows.ts';
import { openSession, type Access, type Session } from './connection.ts';
import type { ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import { keysCondition } from './keys-sql.ts';
import { logStatus } from './lineage.ts';
import { placeOrder } from './place.ts';
import { outputColumns } from './row-sql.ts';
import { sourceTimestamp } from './source-time.ts';
import { qualified } from './sql.ts';
import { verifiedTable } from './verify.ts';
import { ResultRows } from './wire/result-rows.ts';

/** See SourceConnector.fetchRows. Opens its connection when the first byte is asked for. */
export function fetchRows(access: Access, clock: Clock, request: FetchRequest, signal: AbortSignal): FetchedRows {
  let wanted: WantedRows | null = null;
  const read = async function* (session: Session): AsyncGenerator<Buffer> {
    const table = await verifiedTable(session, access, request);
    requireSameColumns(table, request.schema);
    wanted = new WantedRows(table, request.keys);
    wanted.begin(await sourceTimestamp(session));
    if (access.settings.extractType === 'logs') await beginVisible(session, clock, signal);
    yield* wantedBytes(session, table, keysCondition(table, request.keys), wanted);
  };
  const id = tableId(request.selection.table);
  const failure = (error: unknown): Error => sourceError(error, `fetch rows of ${id}`, id);
  return {
    bytes: readOnOwnSession(() => openSession(access, signal), signal, read, failure),
    summary: () => wanted?.summary() ?? { rows: 0, misfits: [], takenAt: '' },
  };
}

async function* wantedBytes(
  session: Session,
  table: ReplicatedTable,
  condition: string,
  wanted: WantedRows,
): AsyncGenerator<Buffer> {
  const columns = outputColumns(table).join(', ');
  const rows = new ResultRows(session, `SELECT ${columns} FROM ${qualified(table.schema.table)} WHERE ${condition}`);
  while (await rows.more()) {
    while (rows.next()) wanted.add(rows.values());
    const bytes = wanted.take();
    if (bytes.length > 0) yield bytes;
  }
}

const POLL_MILLISECONDS = 10;
const LONGEST_MOMENT = 1000;
/** MySQL does not say where in the log a view is: a commit is seen well within this time after it was written there. */
const UNTOLD_MOMENT = 200;

/**
 * Begins a view that holds everything that stands in the log now: a transaction is written there before the engine commits it.
 * MariaDB says where in the log a view is. With semi-synchronous replication the moment lasts until a replica has answered.
 */
async function beginVisible(session: Session, clock: Clock, signal: AbortSignal): Promise<void> {
  const end = session.isMariaDb ? await logStatus(session) : null;
  const wanted = orderOf(end?.get('file'), end?.get('position'));
  if (wanted === null) await clock.sleep(UNTOLD_MOMENT, signal);
  const deadline = clock.now() + LONGEST_MOMENT;
  for (;;) {
    await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    if (wanted === null || clock.now() >= deadline) return;
    const rows = await session.rows(`SHOW STATUS LIKE 'binlog_snapshot_%'`);
    const status = new Map(rows.map(([name, value]) => [(name ?? '').toLowerCase(), value]));
    const seen = orderOf(status.get('binlog_snapshot_file'), status.get('binlog_snapshot_position'));
    if (seen === null || seen >= wanted) return;
    await session.run('COMMIT');
    await clock.sleep(POLL_MILLISECONDS, signal);
  }
}

function orderOf(file: string | null | undefined, position: string | null | undefined): string | null {
  return file === null || file === undefined || file === '' || position === null || position === undefined
    ? null
    : placeOrder(file, Number(position));
}
