import { tableId, type TableName } from '../../changes/table-name.ts';
import { allRows } from '../session.ts';
import type { ListedTable } from '../source-connector.ts';
import type { Session } from './server/session.ts';

/** Tables that the user may see, by their names' bytes, without views and Oracle's own. */
export async function listTables(session: Session): Promise<ListedTable[]> {
  const heads = await allRows(session, { tag: 'listTables' });
  const keys = new Map<string, string[]>();
  for (const [schema, name, column] of await allRows(session, { tag: 'listKeys' })) {
    const id = tableId({ schema: schema ?? '', name: name ?? '' });
    keys.set(id, [...(keys.get(id) ?? []), column ?? '']);
  }
  return heads
    .map(([schema, name, estimate = null]) => {
      const table = { schema: schema ?? '', name: name ?? '' };
      const estimatedRows = estimate === null ? null : Number(estimate);
      return { table, key: keys.get(tableId(table)) ?? null, estimatedRows };
    })
    .sort((a, b) => compareNames(a.table, b.table));
}

function compareNames(a: TableName, b: TableName): number {
  return (
    Buffer.compare(Buffer.from(a.schema), Buffer.from(b.schema)) ||
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
  );
}
