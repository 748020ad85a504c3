import { inList } from '../keys-sql.ts';
import { BoundValues, plain } from './bound-values.ts';
import type { MiningStatement } from './mining.ts';
import type { SqlText } from './sql-text.ts';

const COLUMNS = `TO_CHAR(SCN), TO_CHAR(THREAD#), RS_ID, TO_CHAR(SSN), TO_CHAR(CSF), TO_CHAR(OPERATION_CODE), TO_CHAR(ROLLBACK), TO_CHAR(STATUS), INFO,
  TO_CHAR(XIDUSN), TO_CHAR(XIDSLT), TO_CHAR(XIDSQN), SEG_OWNER, TABLE_NAME, ROW_ID, TO_CHAR(DATA_OBJ#), TO_CHAR(DATA_OBJV#), TO_CHAR(DATA_OBJD#),
  TO_CHAR(TIMESTAMP, 'YYYY-MM-DD HH24:MI:SS'), USERNAME, TO_CHAR(SRC_CON_ID), SRC_CON_NAME, SQL_REDO`;

/** Changes of rows and of large objects, gaps, and what LogMiner cannot tell (V$LOGMNR_CONTENTS, OPERATION_CODE). */
const ROW_OPERATIONS = '1, 2, 3, 9, 10, 11, 27, 28, 29, 34, 68, 70, 71, 91, 92, 93, 255';

/** Every statement of LogMiner. Object numbers are written out, because there may be more than binds. */
export function miningSql(statement: MiningStatement): SqlText {
  const bound = new BoundValues();
  switch (statement.tag) {
    case 'addLogFile': {
      const how = statement.isFirst ? 'NEW' : 'ADDFILE';
      return bound.sql(
        `BEGIN SYS.DBMS_LOGMNR.ADD_LOGFILE(LOGFILENAME => ${bound.text(statement.file)}, OPTIONS => SYS.DBMS_LOGMNR.${how}); END;`,
      );
    }
    case 'startMining':
      return startSql(statement);
    case 'minedRows':
      return minedRowsSql(statement);
    case 'endMining':
      return plain('BEGIN SYS.DBMS_LOGMNR.END_LOGMNR; END;');
    case 'minedLogs':
      return plain(
        'SELECT FILENAME, TO_CHAR(THREAD_ID), TO_CHAR(THREAD_SQN), TO_CHAR(LOW_SCN), TO_CHAR(NEXT_SCN), TO_CHAR(STATUS) FROM V$LOGMNR_LOGS',
      );
  }
}

function startSql({ from, upTo, dictionary, isContinuous }: Extract<MiningStatement, { tag: 'startMining' }>): SqlText {
  const bound = new BoundValues();
  const options = [
    ...(dictionary === 'online' ? ['DICT_FROM_ONLINE_CATALOG'] : ['DICT_FROM_REDO_LOGS', 'DDL_DICT_TRACKING']),
    ...(isContinuous ? ['CONTINUOUS_MINE'] : []),
    'NO_ROWID_IN_STMT',
    'NO_SQL_DELIMITER',
  ];
  const start = `STARTSCN => ${bound.number(from)}`;
  const end = upTo === null ? '' : `, ENDSCN => ${bound.number(upTo)}`;
  const sum = options.map((option) => `SYS.DBMS_LOGMNR.${option}`).join(' + ');
  return bound.sql(`BEGIN SYS.DBMS_LOGMNR.START_LOGMNR(${start}${end}, OPTIONS => ${sum}); END;`);
}

function minedRowsSql({ from, upTo, filter }: Extract<MiningStatement, { tag: 'minedRows' }>): SqlText {
  const bound = new BoundValues();
  const start = `SCN >= ${bound.number(from)}`;
  const end = upTo === null ? '' : ` AND SCN <= ${bound.number(upTo)}`;
  const objects = inList('DATA_OBJ#', filter.objects.filter(isNumber));
  const named = (filter.tables ?? []).map(
    ({ schema, name }) => `(SEG_OWNER = ${bound.text(schema)} AND TABLE_NAME = ${bound.text(name)})`,
  );
  const unnamed = upTo === null ? ["SEG_OWNER = 'UNKNOWN'", "TABLE_NAME LIKE 'OBJ# %'"] : [];
  // A gap and what is not told of have no object.
  const ofTables = `(${[objects, 'SEG_OWNER IS NULL', ...unnamed, ...named].join(' OR ')})`;
  const container = filter.container === null ? '' : ` AND SRC_CON_NAME = ${bound.text(filter.container)}`;
  return bound.sql(`SELECT ${COLUMNS}
FROM V$LOGMNR_CONTENTS WHERE ${start}${end} AND (OPERATION_CODE IN (6, 7, 36) OR (OPERATION_CODE = 5 AND (INFO IS NULL OR INFO NOT LIKE 'INTERNAL DDL%'))
  OR (OPERATION_CODE IN (${ROW_OPERATIONS}) AND (OPERATION_CODE = 34 OR ${ofTables}${container})))`);
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
