import { tableId } from '../../../changes/table-name.ts';
import type { RowIdentity } from '../../../changes/table-schema.ts';
import type { Session } from '../connection.ts';
import { replicaIdentityFault } from '../describe.ts';
import { findSourceTables, type SourceTable } from '../source-table.ts';
import { qualified } from '../sql.ts';

/**
 * Partitions whose log does not tell which row was changed: old rows are logged as each partition says, whatever the partitioned
 * table says, and one without an identity would even refuse UPDATE and DELETE once it is published.
 */
export async function partitionFaults(
  session: Session,
  source: SourceTable,
  identity: RowIdentity,
): Promise<{ readonly message: string; readonly remedy: string }[]> {
  if (!source.isPartitioned) return [];
  const rows = await session.rows(
    `WITH RECURSIVE parts(oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::oid
       UNION ALL SELECT i.inhrelid FROM parts JOIN pg_inherits i ON i.inhparent = parts.oid)
     SELECT n.nspname, c.relname FROM parts JOIN pg_class c ON c.oid = parts.oid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' ORDER BY 1, 2`,
    [source.oid],
  );
  const names = rows.map(([schema, name]) => ({ schema: schema ?? '', name: name ?? '' }));
  const partitions = await findSourceTables(session, names);
  return [...partitions.values()].flatMap((partition) => {
    const fault = replicaIdentityFault(partition, identity);
    if (fault !== null) return [fault];
    // Where the partitioned table says FULL, the log's structure promises whole old rows.
    if (source.replicaIdentity !== 'f' || partition.replicaIdentity === 'f') return [];
    return [
      {
        message: `${tableId(partition.table)} has another replica identity than ${tableId(source.table)}`,
        remedy: `ALTER TABLE ${qualified(partition.table)} REPLICA IDENTITY FULL;`,
      },
    ];
  });
}
