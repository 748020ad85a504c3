import { checkPolls as checkPolledTables } from '../check-polls.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import type { Access, Session } from './connection.ts';
import { replicatedTable } from './describe.ts';
import { pollColumnOf } from './poll-column.ts';
import { copyReading } from './poll-view.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';
import { isIndexed } from './server/indexes.ts';

/** What extract type Timestamps needs of each table, and what it cannot see. */
export function checkPolls(
  session: Session,
  selections: readonly TableSelection[],
  access: Access,
): Promise<Finding[]> {
  return checkPolledTables<SourceTable>(
    {
      type: 'mysql',
      find: (tables) => findSourceTables(session, tables),
      judge: (table, selection) => {
        const { isPlain } = pollColumnOf(replicatedTable(table, selection, copyReading(access)), access.settings);
        return { isBounded: !isPlain };
      },
      missingIndex: async ({ table }, column) =>
        (await isIndexed(session, table, column))
          ? null
          : `ALTER TABLE ${qualified(table)} ADD INDEX (${identifier(column)});`,
    },
    selections,
  );
}
