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
import { outputColumns } from './row-sql.ts';
import { sourceTimestamp } from './source-time.ts';
import { qualified } from './sql.ts';
import { verifiedTable } from './verify.ts';
import { beginVisible } from './server/visible-view.ts';
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
