import { checkPolls as checkPolledTables } from '../check-polls.ts';
import { allRows } from '../session.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import { replicatedTable } from './describe.ts';
import { pollColumnOf } from './poll-column.ts';
import { copyReading } from './poll-view.ts';
import type { Access } from './server/guarded.ts';
import type { Session } from './server/session.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';

/** Before 12.2. */
const LONGEST_NAME = 30;

/** What extract type Timestamps needs of each table, and what it cannot see. */
export function checkPolls(
  session: Session,
  selections: readonly TableSelection[],
  access: Access,
): Promise<Finding[]> {
  return checkPolledTables<SourceTable>(
    {
      type: 'oracle',
      find: (tables) => findSourceTables(session, tables),
      judge: (table, selection) => {
        pollColumnOf(replicatedTable(table, selection, copyReading(access)));
      },
      missingIndex: async ({ table }, column) => {
        const leading = await allRows(session, { tag: 'leadingColumns', table });
        const name = identifier(`${table.name}_${column}`.slice(0, LONGEST_NAME));
        return leading.some(([first]) => first === column)
          ? null
          : `CREATE INDEX ${identifier(table.schema)}.${name} ON ${qualified(table)} (${identifier(column)});`;
      },
    },
    selections,
  );
}
