import type { ListedTable } from '../source-connector.ts';
import type { Session } from './connection.ts';

/**
 * Tables that the user may read, partitioned ones in place of their partitions, without the server's own and those of extensions.
 * Before PostgreSQL 12 a `name` has no collation.
 */
export async function listTables(session: Session): Promise<ListedTable[]> {
  const rows = await session.rows(
    `SELECT n.nspname, c.relname,
       (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_index x JOIN pg_catalog.pg_attribute a
          ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey) WHERE x.indrelid = c.oid AND x.indisprimary)::text,
       CASE WHEN c.reltuples > 0 THEN c.reltuples::bigint END
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
       AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
       AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`,
  );
  return rows.map(([schema, name, key = null, estimate = null]) => ({
    table: { schema: schema ?? '', name: name ?? '' },
    key: key === null ? null : (JSON.parse(key) as string[]),
    estimatedRows: estimate === null ? null : Number(estimate),
  }));
}
