import { tableReads, type TableReads } from '../table-reads.ts';
import { planChunks } from './chunks.ts';
import { fetchRows } from './fetch-rows.ts';
import { listTables } from './list-tables.ts';
import { withSession, type Access } from './server/guarded.ts';
import { checksum, rowDigests, verifiedTable } from './verify.ts';

/** What both connectors read in the same way. */
export function sqlserverReads(access: Access): TableReads {
  return tableReads(access, {
    withSession,
    listTables,
    verifiedTable,
    planChunks,
    checksum,
    rowDigests,
    fetchRows,
  });
}
