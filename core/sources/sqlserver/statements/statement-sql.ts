import { rowSql } from '../row-sql.ts';
import { captureSql } from './capture-sql.ts';
import { catalogSql } from './catalog-sql.ts';
import { serverSql } from './server-sql.ts';
import type { SqlText } from './sql-text.ts';
import type { Statement } from './statement.ts';
import { trackingSql } from './tracking-sql.ts';
import { transactionSql } from './transactions-sql.ts';

/** The T-SQL of a statement. */
export function statementSql(statement: Statement): SqlText {
  return SQL_OF[statement.tag](statement as never);
}

const SQL_OF: { readonly [Tag in Statement['tag']]: (statement: Extract<Statement, { tag: Tag }>) => SqlText } = {
  beginSnapshot: transactionSql,
  beginLocking: transactionSql,
  lockTable: transactionSql,
  touch: transactionSql,
  end: transactionSql,
  database: serverSql,
  now: serverSql,
  minActiveRowversion: serverSql,
  tableRights: serverSql,
  databaseRights: serverSql,
  agent: serverSql,
  tryCondition: serverSql,
  listTables: catalogSql,
  listKeys: catalogSql,
  tables: catalogSql,
  columns: catalogSql,
  defaultText: catalogSql,
  leadingColumns: catalogSql,
  tableSize: catalogSql,
  rows: rowSql,
  boundaries: rowSql,
  greatest: rowSql,
  trackingVersion: trackingSql,
  trackedTables: trackingSql,
  changedTables: trackingSql,
  trackedChanges: trackingSql,
  captureInstances: captureSql,
  capturedColumns: captureSql,
  capturedUpTo: captureSql,
  logEnd: captureSql,
  capturedFrom: captureSql,
  capturedTransactions: captureSql,
  changedInstances: captureSql,
  capturedChanges: captureSql,
  structureHistory: captureSql,
  captureRights: captureSql,
  captureRetention: captureSql,
};
