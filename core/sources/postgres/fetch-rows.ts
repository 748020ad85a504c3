import { tableId } from '../../changes/table-name.ts';
import { timestampFromMicroseconds } from '../../changes/timestamp.ts';
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
import { sourceMicroseconds } from './source-time.ts';
import { qualified } from './sql.ts';
import { verifiedTable } from './verify.ts';
import { CopyOut } from './wire/copy-out.ts';
import { parseLine } from './wire/output-line.ts';

/** See SourceConnector.fetchRows. Opens its connection when the first byte is asked for. */
export function fetchRows(access: Access, clock: Clock, request: FetchRequest, signal: AbortSignal): FetchedRows {
  let wanted: WantedRows | null = null;
  const read = async function* (session: Session): AsyncGenerator<Buffer> {
    const table = await verifiedTable(session, request);
    requireSameColumns(table, request.schema);
    wanted = new WantedRows(table, request.keys);
    const condition = keysCondition(table, request.keys);
    await commitsAreVisible(session, clock, signal);
    wanted.begin(timestampFromMicroseconds(await sourceMicroseconds(session)));
    if (condition !== null) yield* wantedBytes(session, table, condition, wanted);
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
  const copy = new CopyOut(
    `COPY (SELECT ${outputColumns(table).join(', ')} FROM ${qualified(table.schema.table)} WHERE ${condition}) TO STDOUT`,
  );
  session.client.query(copy);
  while (await copy.more()) {
    while (copy.next()) wanted.add(parseLine(copy.buffer.toString('utf8', copy.start, copy.end - 1)));
    const bytes = wanted.take();
    if (bytes.length > 0) yield bytes;
  }
}

const POLL_MILLISECONDS = 10;
/** A commit is seen a moment after it stands in the log; a transaction that goes on for longer is not about to commit. */
const LONGEST_MOMENT = 1000;

/**
 * Waits until the transactions that are under way now have ended, or have gone on for so long that they are not just ending: one whose
 * commit stands in the log may not be seen yet. With synchronous replication that moment lasts until the standby has answered.
 */
async function commitsAreVisible(session: Session, clock: Clock, signal: AbortSignal): Promise<void> {
  const deadline = clock.now() + LONGEST_MOMENT;
  const pending = await transactionsUnderWay(session);
  for (let left = pending; left.size > 0 && clock.now() < deadline;) {
    await clock.sleep(POLL_MILLISECONDS, signal);
    const now = await transactionsUnderWay(session);
    left = new Set([...left].filter((transaction) => now.has(transaction)));
  }
}

async function transactionsUnderWay(session: Session): Promise<ReadonlySet<string>> {
  const rows = await session.rows('SELECT txid_snapshot_xip(txid_current_snapshot())');
  return new Set(rows.map(([transaction]) => transaction ?? ''));
}
