import { checkPolls as checkPolledTables } from '../check-polls.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import type { Session } from './connection.ts';
import { COPY_READING, replicatedTable } from './describe.ts';
import { pollColumnOf } from './poll-column.ts';
import type { PostgresSettings } from './settings.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';

/** What extract type Timestamps needs of each table, and what it cannot see. */
export function checkPolls(
  session: Session,
  selections: readonly TableSelection[],
  settings: PostgresSettings,
): Promise<Finding[]> {
  return checkPolledTables<SourceTable>(
    {
      type: 'postgres',
      find: (tables) => findSourceTables(session, tables),
      judge: (table, selection) => {
        const { isPlain } = pollColumnOf(replicatedTable(table, selection, COPY_READING), settings);
        return { isBounded: !isPlain };
      },
      missingIndex: async ({ oid, table }, column) =>
        (await isIndexed(session, oid, column))
          ? null
          : `CREATE INDEX CONCURRENTLY ON ${qualified(table)} (${identifier(column)});`,
    },
    selections,
  );
}

/** Whether a whole index begins with this column. */
async function isIndexed(session: Session, oid: string, column: string): Promise<boolean> {
  const [row] = await session.rows(
    `SELECT EXISTS (SELECT FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
       WHERE x.indrelid = $1::oid AND x.indisvalid AND x.indpred IS NULL AND a.attname = $2)`,
    [oid, column],
  );
  return row?.[0] === 't';
}
