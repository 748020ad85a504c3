import { tableId } from '../changes/table-name.ts';
import type { Timestamp } from '../changes/timestamp.ts';
import { readOnOwnSession, type Destroyable } from './abort.ts';
import type { ReadTable } from './reading.ts';
import { requireSameColumns } from './same-structure.ts';
import type { Row } from './session.ts';
import type { FetchedRows, FetchRequest } from './source-connector.ts';
import { WantedRows } from './wanted-rows.ts';

/** How a source whose rows are turned into lines by code finds rows by their keys. */
export interface FetchedSource<Session, Table extends ReadTable> {
  open(signal: AbortSignal): Promise<Session>;
  /** The table as its rows are told now. */
  table(session: Session): Promise<Table>;
  /** The server's time. */
  now(session: Session): Promise<Timestamp>;
  /** The output texts of the rows with the wanted keys, and maybe of others, some at a time; with every commit that was made before. */
  read(session: Session, table: Table): AsyncIterable<readonly Row[]>;
  /** A failure as ours. */
  toError(error: unknown, doing: string, table: string): Error;
}

/** See SourceConnector.fetchRows. Opens its session when the first byte is asked for. */
export function codedFetch<Session extends Destroyable & AsyncDisposable, Table extends ReadTable>(
  source: FetchedSource<Session, Table>,
  { selection, schema, keys }: FetchRequest,
  signal: AbortSignal,
): FetchedRows {
  let wanted: WantedRows | null = null;
  const read = async function* (session: Session): AsyncGenerator<Buffer> {
    const table = await source.table(session);
    requireSameColumns(table, schema);
    wanted = new WantedRows(table, keys);
    wanted.begin(await source.now(session));
    for await (const rows of source.read(session, table)) {
      for (const row of rows) wanted.add(row);
      const bytes = wanted.take();
      if (bytes.length > 0) yield bytes;
    }
  };
  const id = tableId(selection.table);
  const failure = (error: unknown): Error => source.toError(error, `fetch rows of ${id}`, id);
  return {
    bytes: readOnOwnSession(() => source.open(signal), signal, read, failure),
    summary: () => wanted?.summary() ?? { rows: 0, misfits: [], takenAt: '' },
  };
}
