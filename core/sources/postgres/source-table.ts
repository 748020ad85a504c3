import { tableId, type TableName } from '../../changes/table-name.ts';
import { requiredTables } from '../required-tables.ts';
import type { Session } from './connection.ts';

/** A table as the server's catalog describes it. */
export interface SourceTable {
  readonly oid: string;
  readonly table: TableName;
  readonly isPartitioned: boolean;
  /** Unlogged and temporary tables have no changes in the log. */
  readonly isLogged: boolean;
  /** d: primary key, i: an index, f: all columns, n: none. */
  readonly replicaIdentity: 'd' | 'i' | 'f' | 'n';
  /** The columns of each unique index over whole rows that the server looks at row by row; a deferrable one is none. Null: not known any more. */
  readonly immediateKeys: readonly (readonly string[])[] | null;
  readonly columns: readonly SourceColumn[];
}

export interface SourceColumn {
  readonly name: string;
  /** `attnum`: a column that is dropped and added again gets a new one. Null: not known any more. */
  readonly number: number | null;
  /** As people write it: `numeric(10,2)`. */
  readonly declared: string;
  /** The declared type's OID and modifier, as the log names them. */
  readonly typeOid: number;
  readonly declaredTypmod: number;
  /** Type OID and modifier; of a domain, those of its base type. */
  readonly baseOid: number;
  readonly typmod: number;
  readonly isEnum: boolean;
  readonly notNull: boolean;
  readonly generated: 'no' | 'stored' | 'virtual';
  readonly hasDefault: boolean;
  /** GENERATED … AS IDENTITY. */
  readonly isIdentity: boolean;
  /** Output text of the value that rows without this column have; null: NULL. */
  readonly missing: string | null;
  readonly hasMissing: boolean;
  /** Rows may have been written anew with a default that is not there any more, and nothing says with which one. */
  readonly mayBeFilled: boolean;
  readonly inPrimaryKey: boolean;
  /** Part of what the log says of an old row when REPLICA IDENTITY is not FULL. */
  readonly inReplicaKey: boolean;
}

/** Reads tables from the catalog, in the order asked for. @throws PenstockError PS1005 */
export async function readSourceTables(session: Session, tables: readonly TableName[]): Promise<SourceTable[]> {
  return requiredTables(tables, await findSourceTables(session, tables));
}

/** Those of `tables` that exist, by table id. */
export async function findSourceTables(
  session: Session,
  tables: readonly TableName[],
): Promise<ReadonlyMap<string, SourceTable>> {
  const rows = await session.rows(catalogQuery(session.version), [
    tables.map((table) => table.schema),
    tables.map((table) => table.name),
  ]);
  const found = new Map<string, SourceTable & { columns: SourceColumn[] }>();
  for (const row of rows) {
    const head = tableOf(row);
    const id = tableId(head.table);
    const table = found.get(id) ?? head;
    found.set(id, table);
    const column = columnOf(row.slice(TABLE_FIELDS));
    if (column !== null) table.columns.push(column);
  }
  return found;
}

const TABLE_FIELDS = 7;

function tableOf(row: readonly (string | null)[]): SourceTable & { columns: SourceColumn[] } {
  const [schema, name, oid, kind, persistence, identity, keys] = row;
  return {
    oid: oid ?? '',
    table: { schema: schema ?? '', name: name ?? '' },
    isPartitioned: kind === 'p',
    isLogged: persistence === 'p',
    replicaIdentity: identity === 'i' || identity === 'f' || identity === 'n' ? identity : 'd',
    immediateKeys: JSON.parse(keys ?? '[]') as string[][],
    columns: [],
  };
}

function columnOf(fields: readonly (string | null)[]): SourceColumn | null {
  const [
    name,
    declared,
    typeOid,
    declaredTypmod,
    baseOid,
    typmod,
    typtype,
    notNull,
    generated,
    hasDefault,
    identity,
    hasMissing,
    missing,
    mayBeFilled,
    pk,
    replica,
    number,
  ] = fields;
  if (name === null || name === undefined) return null;
  return {
    name,
    declared: declared ?? '',
    typeOid: Number(typeOid),
    declaredTypmod: Number(declaredTypmod),
    baseOid: Number(baseOid),
    typmod: Number(typmod),
    isEnum: typtype === 'e',
    notNull: notNull === 't',
    generated: generated === 's' ? 'stored' : generated === 'v' ? 'virtual' : 'no',
    hasDefault: hasDefault === 't',
    isIdentity: identity !== '' && identity !== null,
    hasMissing: hasMissing === 't',
    missing: missing ?? null,
    mayBeFilled: mayBeFilled === 't',
    inPrimaryKey: pk === 't',
    inReplicaKey: replica === 't',
    number: Number(number),
  };
}

/**
 * One row per column; a table without columns has one row. A primary key that is deferrable is no replica identity.
 * `attmissingval` is an array of one element: its text read as text[] gives the element's output text.
 * Before PostgreSQL 11 a column that is added with a default writes all rows anew, into a new file: a table's first file is called by its OID.
 */
function catalogQuery(version: number): string {
  const generated = version >= 120_000 ? 'a.attgenerated' : `''`;
  const missing =
    version >= 110_000
      ? ['a.atthasmissing', '(a.attmissingval::text::text[])[1]', 'false']
      : ['false', 'NULL', `c.relkind = 'r' AND c.relfilenode <> c.oid`];
  // Without the columns of INCLUDE; an int2vector begins with 0.
  const keyed = version >= 110_000 ? '(x.indkey::int2[])[0:x.indnkeyatts - 1]' : 'x.indkey::int2[]';
  return `
SELECT n.nspname, c.relname, c.oid, c.relkind, c.relpersistence, c.relreplident, immediate.keys,
  a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid, a.atttypmod, b.oid, b.typmod, b.typtype, a.attnotnull, ${generated}, a.atthasdef,
  a.attidentity, ${missing.join(', ')},
  coalesce(a.attnum = ANY (pk.indkey), false),
  coalesce(CASE c.relreplident WHEN 'd' THEN a.attnum = ANY (pk.indkey) AND pk.indimmediate
    WHEN 'i' THEN a.attnum = ANY (ri.indkey) WHEN 'f' THEN true ELSE false END, false),
  a.attnum
FROM unnest($1::text[], $2::text[]) AS want(schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = want.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = want.name AND c.relkind IN ('r', 'p')
LEFT JOIN LATERAL (
  SELECT json_agg(one.names)::text AS keys FROM (
    SELECT array_agg(k.attname::text) AS names FROM pg_catalog.pg_index x
    JOIN pg_catalog.pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (${keyed})
    WHERE x.indrelid = c.oid AND x.indisunique AND x.indimmediate AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
    GROUP BY x.indexrelid
  ) one
) immediate ON true
LEFT JOIN pg_catalog.pg_index pk ON pk.indrelid = c.oid AND pk.indisprimary
LEFT JOIN pg_catalog.pg_index ri ON ri.indrelid = c.oid AND ri.indisreplident
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN LATERAL (
  WITH RECURSIVE chain(oid, typmod) AS (
    SELECT a.atttypid, a.atttypmod
    UNION ALL
    SELECT t.typbasetype, CASE WHEN chain.typmod = -1 THEN t.typtypmod ELSE chain.typmod END
    FROM chain JOIN pg_catalog.pg_type t ON t.oid = chain.oid WHERE t.typtype = 'd'
  )
  SELECT chain.oid, chain.typmod, t.typtype FROM chain JOIN pg_catalog.pg_type t ON t.oid = chain.oid WHERE t.typtype <> 'd'
) b ON true
ORDER BY n.nspname, c.relname, a.attnum`;
}
