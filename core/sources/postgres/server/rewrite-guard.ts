import { tableId } from '../../../changes/table-name.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Session } from '../connection.ts';
import type { ReplicatedTable } from '../describe.ts';
import { qualified } from '../sql.ts';

/**
 * A table that was rewritten or truncated after the snapshot looks empty in it: ALTER TABLE's rewrites are not MVCC-safe
 * (PostgreSQL manual, chapter "Caveats" of concurrency control). The lock keeps later ones away until the transaction ends;
 * an earlier one shows in the file's number, of which the snapshot sees the old and pg_relation_filenode() the new.
 * @throws PenstockError PS2012
 */
export async function requireFilenode(session: Session, table: ReplicatedTable): Promise<void> {
  const id = tableId(table.schema.table);
  await session.rows(`SELECT FROM ${qualified(table.schema.table)} LIMIT 0`);
  const [row] = await session.rows(
    `WITH RECURSIVE parts(oid) AS (SELECT $1::oid UNION ALL SELECT i.inhrelid FROM parts JOIN pg_inherits i ON i.inhparent = parts.oid)
     SELECT count(*) FROM parts JOIN pg_class c ON c.oid = parts.oid
     WHERE c.relfilenode <> 0 AND c.relfilenode IS DISTINCT FROM pg_relation_filenode(c.oid)`,
    [table.source.oid],
  );
  if (row?.[0] === '0') return;
  throw new PenstockError('PS2012', `${id} was rewritten or truncated after the snapshot was taken`);
}
