import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { error, warning } from '../finding.ts';
import type { Finding, TableSelection } from '../source-connector.ts';
import type { Access, Session } from './connection.ts';
import { replicatedTable } from './describe.ts';
import { pollColumnOf } from './poll-column.ts';
import { copyReading } from './poll-view.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';
import { identifier, qualified } from './sql.ts';
import { isIndexed } from './server/indexes.ts';

/** What extract type Timestamps needs of each table, and what it cannot see. */
export async function checkPolls(
  session: Session,
  selections: readonly TableSelection[],
  access: Access,
): Promise<Finding[]> {
  const findings: Finding[] = [
    warning(
      'mysql.deletes',
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
    if (source !== undefined) findings.push(...(await checkPoll(session, source, selection, access)));
  }
  return findings;
}

async function checkPoll(
  session: Session,
  source: SourceTable,
  selection: TableSelection,
  access: Access,
): Promise<Finding[]> {
  try {
    pollColumnOf(replicatedTable(source, selection, copyReading(access)), access.settings);
  } catch (cause) {
    if (!(cause instanceof PenstockError)) throw cause;
    return [error('mysql.timestamp_column', cause.message, cause.remedy)];
  }
  const name = selection.timestampColumn ?? '';
  if (await isIndexed(session, source.table, name)) return [];
  const statement = `ALTER TABLE ${qualified(source.table)} ADD INDEX (${identifier(name)});`;
  return [warning('mysql.timestamp_index', `${tableId(source.table)}: every poll reads the whole table`, statement)];
}
