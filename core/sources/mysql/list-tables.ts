import { tableId, type TableName } from '../../changes/table-name.ts';
import type { ListedTable } from '../source-connector.ts';
import type { Session } from './connection.ts';
import { isGranted, readGrants } from './server/grants.ts';

/** The server's own databases; Amazon's tables stand in `mysql`. */
const OWN = `('mysql', 'sys', 'performance_schema', 'information_schema', 'ndbinfo')`;

/** Tables that the user may read, by their names' bytes, without views and sequences. */
export async function listTables(session: Session): Promise<ListedTable[]> {
  const grants = await readGrants(session);
  const heads = await session.rows(
    `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES
     WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND TABLE_SCHEMA NOT IN ${OWN}`,
  );
  const keys = await primaryKeys(session);
  return heads
    .map(([schema, name, estimate = null]) => {
      const table = { schema: schema ?? '', name: name ?? '' };
      const estimatedRows = estimate === null ? null : Number(estimate);
      return { table, key: keys.get(tableId(table)) ?? null, estimatedRows };
    })
    .filter(({ table }) => isGranted(grants, 'SELECT', table))
    .sort((a, b) => compareNames(a.table, b.table));
}

async function primaryKeys(session: Session): Promise<ReadonlyMap<string, string[]>> {
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS
     WHERE INDEX_NAME = 'PRIMARY' AND TABLE_SCHEMA NOT IN ${OWN} ORDER BY SEQ_IN_INDEX`,
  );
  const keys = new Map<string, string[]>();
  for (const [schema, name, column] of rows) {
    const id = tableId({ schema: schema ?? '', name: name ?? '' });
    keys.set(id, [...(keys.get(id) ?? []), column ?? '']);
  }
  return keys;
}

function compareNames(a: TableName, b: TableName): number {
  return (
    Buffer.compare(Buffer.from(a.schema), Buffer.from(b.schema)) ||
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
  );
}
