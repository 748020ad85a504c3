import type { Session } from './connection.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { sourceTableOf, type RelationColumn, type RelationMessage, type ResolvedType } from './logged-table.ts';
import { findSourceTables, type SourceColumn } from './source-table.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSelection } from '../source-connector.ts';

/** A relation of the log as a replicated table: the same structure gives the same schema as describeTables does. */
export async function resolveRelation(
  session: Session,
  message: RelationMessage,
  selection: TableSelection,
): Promise<ReplicatedTable> {
  const now = (await findSourceTables(session, [message.table])).get(tableId(message.table)) ?? null;
  const known = (column: RelationColumn) =>
    now?.columns.find(
      (one) => one.name === column.name && one.typeOid === column.typeOid && one.declaredTypmod === column.typmod,
    );
  const unknown = message.columns.filter((column) => known(column) === undefined);
  const types = await readTypes(session, unknown);
  const source = sourceTableOf(
    message,
    now,
    (column) => typeFields(known(column)) ?? types.get(typeKey(column)) ?? lostType(column),
  );
  return replicatedTable(source, selection, { fromLog: true, generatedColumns: true });
}

function typeFields(column: SourceColumn | undefined): ResolvedType | null {
  if (column === undefined) return null;
  const { declared, baseOid, typmod, isEnum } = column;
  return { declared, baseOid, typmod, isEnum };
}

/** A type that was dropped since: its values are taken as text. */
function lostType(column: RelationColumn): ResolvedType {
  return { declared: `type ${column.typeOid}`, baseOid: column.typeOid, typmod: column.typmod, isEnum: false };
}

function typeKey(column: RelationColumn): string {
  return `${column.typeOid}/${column.typmod}`;
}

async function readTypes(session: Session, columns: readonly RelationColumn[]): Promise<Map<string, ResolvedType>> {
  if (columns.length === 0) return new Map();
  const rows = await session.rows(
    `SELECT want.oid, want.typmod, format_type(want.oid, want.typmod), b.oid, b.typmod, b.typtype
     FROM unnest($1::oid[], $2::int4[]) AS want(oid, typmod)
     JOIN LATERAL (
       WITH RECURSIVE chain(oid, typmod) AS (
         SELECT want.oid, want.typmod
         UNION ALL
         SELECT t.typbasetype, CASE WHEN chain.typmod = -1 THEN t.typtypmod ELSE chain.typmod END
         FROM chain JOIN pg_type t ON t.oid = chain.oid WHERE t.typtype = 'd'
       )
       SELECT chain.oid, chain.typmod, t.typtype FROM chain JOIN pg_type t ON t.oid = chain.oid WHERE t.typtype <> 'd'
     ) b ON true`,
    [columns.map((column) => column.typeOid), columns.map((column) => column.typmod)],
  );
  return new Map(
    rows.map(([oid, typmod, declared, baseOid, baseTypmod, kind]) => [
      `${oid ?? ''}/${typmod ?? ''}`,
      { declared: declared ?? '', baseOid: Number(baseOid), typmod: Number(baseTypmod), isEnum: kind === 'e' },
    ]),
  );
}
