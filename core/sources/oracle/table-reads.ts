import { tableReads, type TableReads } from '../table-reads.ts';
import { planKeyRanges } from './chunks.ts';
import type { Reading } from './describe.ts';
import { fetchRows } from './fetch-rows.ts';
import { listTables } from './list-tables.ts';
import { withSession, type Access } from './server/guarded.ts';
import { checksum, rowDigests, verifiedTable } from './verify.ts';

/** What both connectors read in the same way. */
export function oracleReads(access: Access, reading: Reading): TableReads {
  return tableReads(access, {
    withSession,
    listTables,
    verifiedTable,
    planChunks: (session, table, bytes) => planKeyRanges(session, table, bytes, null),
    checksum,
    rowDigests,
    fetchRows: (from, request, signal) => fetchRows(from, reading, request, signal),
  });
}
