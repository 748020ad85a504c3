import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import type { Session } from './connection.ts';
import { COPY_READING, replicatedTable } from './describe.ts';
import { error, warning } from '../finding.ts';
import { pollColumnOf } from './poll-column.ts';
import type { PostgresSettings } from './settings.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';

/** What extract type Timestamps needs of each table, and what it cannot see. */
export async function checkPolls(
  session: Session,
  selections: readonly TableSelection[],
  settings: PostgresSettings,
): Promise<Finding[]> {
  const findings: Finding[] = [
    warning(
      'postgres.deletes',
      'extract type timestamps does not see deleted rows, nor rows that are committed later than the lag after their time',
      'Use extract type logs; or full-extract now and then, and set lagSeconds and overlapSeconds to the longest transaction.',
    ),
  ];
  const sources = await findSourceTables(
    session,
    selections.map(({ table }) => table),
  );
  for (const selection of selections) {
    const source = sources.get(tableId(selection.table));
    if (source !== undefined) findings.push(...(await checkPoll(session, source, selection, settings)));
  }
  return findings;
}

async function checkPoll(
  session: Session,
  source: SourceTable,
  selection: TableSelection,
  settings: PostgresSettings,
): Promise<Finding[]> {
  try {
    pollColumnOf(replicatedTable(source, selection, COPY_READING), settings);
  } catch (cause) {
    if (!(cause instanceof PenstockError)) throw cause;
    return [error('postgres.timestamp_column', cause.message, cause.remedy)];
  }
  const name = selection.timestampColumn ?? '';
  const [row] = await session.rows(
    `SELECT EXISTS (SELECT FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
       WHERE x.indrelid = $1::oid AND x.indisvalid AND x.indpred IS NULL AND a.attname = $2)`,
    [source.oid, name],
  );
  if (row?.[0] === 't') return [];
  const statement = `CREATE INDEX CONCURRENTLY ON ${qualified(source.table)} (${identifier(name)});`;
  return [warning('postgres.timestamp_index', `${tableId(source.table)}: every poll reads the whole table`, statement)];
}
