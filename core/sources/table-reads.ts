import type { ChunkRange } from '../changes/copy-mark.ts';
import { tableId } from '../changes/table-name.ts';
import { sharedRanges } from './key-ranges.ts';
import type { ChecksumRequest, ListedTable, SourceConnector } from './source-connector.ts';

/** What a connector reads in the same way, whether it follows a log or copies and polls. */
export type TableReads = Pick<SourceConnector, 'listTables' | 'checksum' | 'rowDigests' | 'fetchRows' | 'planRanges'>;

/** How a source reads its tables. `Access`: what leads to its server. For what the last three mean see {@link SourceConnector}. */
export interface TableReader<Access, Session, Table> {
  /** Opens a session for one piece of work; an abort of the signal ends the session and with it the work. */
  withSession<T>(
    access: Access,
    signal: AbortSignal,
    doing: string,
    work: (session: Session) => Promise<T>,
  ): Promise<T>;
  listTables(session: Session): Promise<ListedTable[]>;
  /** A table with the columns that its schema has, as it is compared with its copy. @throws PenstockError PS1005 */
  verifiedTable(session: Session, access: Access, of: Pick<ChecksumRequest, 'selection' | 'schema'>): Promise<Table>;
  /** Cuts a table as it is now into ranges of about so many bytes. */
  planChunks(session: Session, table: Table, bytes: number): Promise<ChunkRange[]>;
  checksum(access: Access, ...call: Parameters<TableReads['checksum']>): ReturnType<TableReads['checksum']>;
  rowDigests(access: Access, ...call: Parameters<TableReads['rowDigests']>): ReturnType<TableReads['rowDigests']>;
  fetchRows(access: Access, ...call: Parameters<TableReads['fetchRows']>): ReturnType<TableReads['fetchRows']>;
}

/** A connector's part that reads tables. */
export function tableReads<Access, Session, Table>(
  access: Access,
  reader: TableReader<NoInfer<Access>, Session, Table>,
): TableReads {
  return {
    listTables: (signal) => reader.withSession(access, signal, 'list tables', (session) => reader.listTables(session)),
    checksum: (request, signal) => reader.checksum(access, request, signal),
    rowDigests: (request, signal) => reader.rowDigests(access, request, signal),
    fetchRows: (request, signal) => reader.fetchRows(access, request, signal),
    planRanges: (selection, schema, bytes, signal) =>
      reader.withSession(access, signal, `cut ${tableId(selection.table)}`, async (session) => {
        const table = await reader.verifiedTable(session, access, { selection, schema });
        return sharedRanges(await reader.planChunks(session, table, bytes));
      }),
  };
}
