import { qualified } from '../sql.ts';
import { BoundValues, plain } from './bound-values.ts';
import type { ServerStatement } from './server.ts';
import type { SqlText } from './sql-text.ts';

/** As NLS_DATE_FORMAT says; written out, because the server's views are asked before it is set, too. */
const SECONDS = `'YYYY-MM-DD HH24:MI:SS'`;

const DATABASE = `SELECT TO_CHAR(D.DBID), D.NAME, TO_CHAR(D.RESETLOGS_CHANGE#), TO_CHAR(D.RESETLOGS_TIME, ${SECONDS}), D.LOG_MODE,
  D.SUPPLEMENTAL_LOG_DATA_MIN, D.SUPPLEMENTAL_LOG_DATA_ALL, D.SUPPLEMENTAL_LOG_DATA_PK, D.CDB, D.DATABASE_ROLE, D.OPEN_MODE, D.FORCE_LOGGING,
  SYS_CONTEXT('USERENV', 'CON_NAME'), CASE WHEN D.CDB = 'YES' THEN SYS_CONTEXT('USERENV', 'CON_ID') ELSE '0' END, SYS_CONTEXT('USERENV', 'SESSION_USER'),
  TO_CHAR(D.CON_DBID)
FROM V$DATABASE D`;

const TIMES = `TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), 'YYYY-MM-DD"T"HH24:MI:SS.FF6'), TO_CHAR(SYSTIMESTAMP, 'TZH:TZM')`;

const CHARACTER_SETS = `SELECT MAX(CASE P.PARAMETER WHEN 'NLS_CHARACTERSET' THEN P.VALUE END), MAX(CASE P.PARAMETER WHEN 'NLS_NCHAR_CHARACTERSET' THEN P.VALUE END)
FROM NLS_DATABASE_PARAMETERS P`;

const OPEN_TRANSACTIONS = `SELECT TO_CHAR(T.INST_ID), TO_CHAR(T.XIDUSN), TO_CHAR(T.XIDSLOT), TO_CHAR(T.XIDSQN), TO_CHAR(T.START_SCN), TO_CHAR(T.CON_ID)
FROM GV$TRANSACTION T`;

const CONTAINERS = `SELECT TO_CHAR(C.CON_ID), C.NAME, C.OPEN_MODE, TO_CHAR(C.DBID) FROM V$CONTAINERS C`;

const INCARNATION = `SELECT TO_CHAR(I.PDB_INCARNATION#) || '.' || TO_CHAR(I.INCARNATION_SCN) FROM V$PDB_INCARNATION I
WHERE I.STATUS = 'CURRENT' AND I.CON_ID = TO_NUMBER(SYS_CONTEXT('USERENV', 'CON_ID'))`;

type FixedTag = Exclude<ServerStatement['tag'], 'release' | 'timeOfScn' | 'tryView' | 'tryTable'>;

/** Those that ask for the same whatever is known. */
const FIXED: Readonly<Record<FixedTag, string>> = {
  database: DATABASE,
  now: `SELECT ${TIMES} FROM DUAL`,
  clock: `SELECT TO_CHAR(D.CURRENT_SCN), ${TIMES} FROM V$DATABASE D`,
  currentScn: 'SELECT TO_CHAR(CURRENT_SCN) FROM V$DATABASE',
  schedulerZone: `SELECT VALUE FROM ALL_SCHEDULER_GLOBAL_ATTRIBUTE WHERE ATTRIBUTE_NAME = 'DEFAULT_TIMEZONE'`,
  characterSets: CHARACTER_SETS,
  openTransactions: OPEN_TRANSACTIONS,
  inDoubt: `SELECT P.LOCAL_TRAN_ID FROM DBA_2PC_PENDING P WHERE LOWER(P.STATE) = 'prepared'`,
  containers: CONTAINERS,
  incarnation: INCARNATION,
  sessionUser: `SELECT SYS_CONTEXT('USERENV', 'SESSION_USER') FROM DUAL`,
  privileges: 'SELECT PRIVILEGE FROM SESSION_PRIVS ORDER BY PRIVILEGE',
  isRds: `SELECT '1' FROM ALL_USERS WHERE USERNAME = 'RDSADMIN'`,
  rdsSettings: 'SELECT NAME, VALUE FROM RDSADMIN.RDS_CONFIGURATION',
};

export function serverSql(statement: ServerStatement): SqlText {
  const bound = new BoundValues();
  if (statement.tag === 'release') {
    return plain(
      `SELECT MAX(${statement.isFull ? 'VERSION_FULL' : 'VERSION'}) FROM PRODUCT_COMPONENT_VERSION WHERE UPPER(PRODUCT) LIKE '%ORACLE%DATABASE%'`,
    );
  }
  if (statement.tag === 'timeOfScn') {
    return bound.sql(`SELECT TO_CHAR(SCN_TO_TIMESTAMP(${bound.number(statement.scn)}), ${SECONDS}) FROM DUAL`);
  }
  if (statement.tag === 'tryView') return plain(`SELECT '1' FROM ${statement.view} WHERE 1 = 0`);
  if (statement.tag === 'tryTable') {
    const asOf = statement.asOf === null ? '' : ` AS OF SCN ${bound.number(statement.asOf)}`;
    return bound.sql(`SELECT '1' FROM ${qualified(statement.table)}${asOf} WHERE 1 = 0`);
  }
  return plain(FIXED[statement.tag]);
}
