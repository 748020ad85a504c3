import { checkPolls as checkPolledTables } from '../check-polls.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { replicatedTable } from './describe.ts';
import { pollColumnOf, requireKnownBounds } from './poll-column.ts';
import { copyReading } from './poll-view.ts';
import type { Database } from './server/database.ts';
import type { Access } from './server/guarded.ts';
import { allRows, type Session } from './server/session.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';

/** What extract type Timestamps needs of each table, and what it cannot see. */
export function checkPolls(
  session: Session,
  selections: readonly TableSelection[],
  access: Access,
  database: Database,
): Promise<Finding[]> {
  return checkPolledTables<SourceTable>(
    {
      type: 'sqlserver',
      find: (tables) => findSourceTables(session, tables),
      judge: (table, selection) => {
        const replicated = replicatedTable(table, selection, copyReading(access));
        const polled = pollColumnOf(replicated);
        requireKnownBounds(replicated, polled, database);
        return { isBounded: polled.kind !== 'plain' };
      },
      missingIndex: async ({ table }, column) => {
        const leading = await allRows(session, { tag: 'leadingColumns', table });
        return leading.some(([name]) => name === column)
          ? null
          : `CREATE INDEX ${identifier(`${table.name}_${column}`)} ON ${qualified(table)} (${identifier(column)});`;
      },
    },
    selections,
  );
}
