import type { Clock } from '../../host/host.ts';
import { tableReads, type TableReads } from '../table-reads.ts';
import { planChunks } from './chunks.ts';
import { withSession, type Access } from './connection.ts';
import { fetchRows } from './fetch-rows.ts';
import { listTables } from './list-tables.ts';
import { checksum, rowDigests, verifiedTable } from './verify.ts';

/** What both connectors read in the same way. */
export function mysqlReads(access: Access, clock: Clock): TableReads {
  return tableReads(access, {
    withSession,
    listTables,
    verifiedTable,
    planChunks,
    checksum,
    rowDigests,
    fetchRows: (_, request, signal) => fetchRows(access, clock, request, signal),
  });
}
