import { rowSql } from '../row-sql.ts';
import { catalogSql } from './catalog-sql.ts';
import { logSql } from './logs-sql.ts';
import { miningSql } from './mining-sql.ts';
import { serverSql } from './server-sql.ts';
import { sessionSql } from './session-sql.ts';
import type { SqlText } from './sql-text.ts';
import type { Statement } from './statement.ts';

/** The SQL or PL/SQL of a statement. */
export function statementSql(statement: Statement): SqlText {
  return SQL_OF[statement.tag](statement as never);
}

const SQL_OF: { readonly [Tag in Statement['tag']]: (statement: Extract<Statement, { tag: Tag }>) => SqlText } = {
  setFormats: sessionSql,
  setZone: sessionSql,
  setRoot: sessionSql,
  database: serverSql,
  release: serverSql,
  now: serverSql,
  currentScn: serverSql,
  clock: serverSql,
  schedulerZone: serverSql,
  sessionUser: serverSql,
  timeOfScn: serverSql,
  characterSets: serverSql,
  openTransactions: serverSql,
  inDoubt: serverSql,
  containers: serverSql,
  incarnation: serverSql,
  privileges: serverSql,
  tryView: serverSql,
  tryTable: serverSql,
  isRds: serverSql,
  rdsSettings: serverSql,
  archiveDestinations: logSql,
  logs: logSql,
  archiveReach: logSql,
  threads: logSql,
  buildDictionary: logSql,
  tryDictionary: logSql,
  addLogFile: miningSql,
  startMining: miningSql,
  minedRows: miningSql,
  endMining: miningSql,
  minedLogs: miningSql,
  listTables: catalogSql,
  listKeys: catalogSql,
  tables: catalogSql,
  tableObjects: catalogSql,
  columns: catalogSql,
  keys: catalogSql,
  logGroups: catalogSql,
  unlogged: catalogSql,
  extents: catalogSql,
  tableSize: catalogSql,
  leadingColumns: catalogSql,
  rows: rowSql,
  boundaries: rowSql,
  greatest: rowSql,
  tryCondition: rowSql,
};

/** Every kind of statement. */
export const STATEMENT_TAGS: readonly string[] = Object.keys(SQL_OF);
