import { codedChecksum, codedDigests, type DigestedSource } from '../coded-digests.ts';
import type { ChecksumRequest, ChunkChecksum, RowDigest } from '../source-connector.ts';
import { selectRows } from './chunk-read.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { sourceError } from './errors.ts';
import type { Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { readSourceTables } from './source-table.ts';

/**
 * Digests are made by code, of the texts that a copy reads: HASHBYTES wants UTF-8, which collations have from SQL Server 2019 on only,
 * and the canonical text of a value is the code's.
 */
function digested(access: Access): DigestedSource<Session, ReplicatedTable> {
  return {
    open: access.open,
    verifiedTable: (session, request) => verifiedTable(session, access, request),
    read: (session, table, { range }) => session.read(selectRows(table, range)),
    toError: sourceError,
  };
}

/** See SourceConnector.checksum. */
export function checksum(access: Access, request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum> {
  return codedChecksum(digested(access), request, signal);
}

/** See SourceConnector.rowDigests. */
export function rowDigests(access: Access, request: ChecksumRequest, signal: AbortSignal): AsyncGenerator<RowDigest> {
  return codedDigests(digested(access), request, signal);
}

/** A table with the columns that its schema has, as it is compared with its copy. @throws PenstockError PS1005 */
export async function verifiedTable(
  session: Session,
  { settings }: Access,
  { selection, schema }: Pick<ChecksumRequest, 'selection' | 'schema'>,
): Promise<ReplicatedTable> {
  const [found] = await readSourceTables(session, [selection.table]);
  if (found === undefined) throw new Error('a table that was found is not there');
  // Of captured tables some columns are not replicated.
  const wanted = settings.extractType === 'cdc' ? new Set(schema.columns.map(({ name }) => name)) : null;
  const columns = found.columns.filter(({ name }) => wanted?.has(name) ?? true);
  return replicatedTable({ ...found, columns }, selection, { changes: null, policies: settings });
}
