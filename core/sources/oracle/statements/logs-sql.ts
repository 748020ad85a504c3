import { BoundValues, plain } from './bound-values.ts';
import type { LogStatement } from './logs.ts';
import type { SqlText } from './sql-text.ts';

const SECONDS = `'YYYY-MM-DD HH24:MI:SS'`;

const ARCHIVE_DESTINATIONS = `SELECT TO_CHAR(S.DEST_ID) FROM V$ARCHIVE_DEST_STATUS S WHERE S.TYPE = 'LOCAL' AND S.STATUS = 'VALID' ORDER BY S.DEST_ID`;

const THREADS = `SELECT TO_CHAR(T.THREAD#), T.STATUS, T.ENABLED, TO_CHAR(T.SEQUENCE#), TO_CHAR(T.ENABLE_CHANGE#), TO_CHAR(T.CHECKPOINT_CHANGE#),
  TO_CHAR(T.LAST_REDO_CHANGE#) FROM V$THREAD T`;

/** Of a group's copies one that is not marked as faulty, where there is one. */
const ONLINE = `SELECT MIN(F.MEMBER) KEEP (DENSE_RANK FIRST ORDER BY NVL2(F.STATUS, 1, 0)), TO_CHAR(L.THREAD#), TO_CHAR(L.SEQUENCE#), TO_CHAR(L.FIRST_CHANGE#),
  TO_CHAR(L.NEXT_CHANGE#), TO_CHAR(L.FIRST_TIME, ${SECONDS}), 'ONLINE', L.STATUS, 'NO', 'NO', TO_CHAR(L.BYTES)
FROM V$LOG L JOIN V$LOGFILE F ON F.GROUP# = L.GROUP#`;
const ONLINE_GROUP = `GROUP BY L.GROUP#, L.THREAD#, L.SEQUENCE#, L.FIRST_CHANGE#, L.NEXT_CHANGE#, L.FIRST_TIME, L.STATUS, L.BYTES`;

const BUILD_DICTIONARY = 'SYS.DBMS_LOGMNR_D.BUILD(OPTIONS => SYS.DBMS_LOGMNR_D.STORE_IN_REDO_LOGS);';

/** Those of this incarnation alone: V$ARCHIVED_LOG keeps what was archived before a RESETLOGS. */
const ARCHIVED_FROM = `FROM V$ARCHIVED_LOG A JOIN V$DATABASE D ON D.RESETLOGS_CHANGE# = A.RESETLOGS_CHANGE# AND D.RESETLOGS_TIME = A.RESETLOGS_TIME
WHERE A.NAME IS NOT NULL AND A.ARCHIVED = 'YES' AND A.STATUS = 'A'`;
const ARCHIVED = `SELECT A.NAME, TO_CHAR(A.THREAD#), TO_CHAR(A.SEQUENCE#), TO_CHAR(A.FIRST_CHANGE#), TO_CHAR(A.NEXT_CHANGE#), TO_CHAR(A.FIRST_TIME, ${SECONDS}),
  'ARCHIVED', NULL, A.DICTIONARY_BEGIN, A.DICTIONARY_END, TO_CHAR(A.BLOCKS * A.BLOCK_SIZE)
${ARCHIVED_FROM}`;

export function logSql(statement: LogStatement): SqlText {
  switch (statement.tag) {
    case 'archiveDestinations':
      return plain(ARCHIVE_DESTINATIONS);
    case 'threads':
      return plain(THREADS);
    case 'buildDictionary':
      return plain(`BEGIN ${BUILD_DICTIONARY} END;`);
    case 'tryDictionary':
      return plain(`BEGIN IF 1 = 0 THEN ${BUILD_DICTIONARY} END IF; END;`);
    case 'logs': {
      const bound = new BoundValues();
      const behind = bound.number(statement.behind);
      return bound.sql(`${ONLINE} WHERE L.STATUS IN ('CURRENT', 'ACTIVE', 'INACTIVE') AND L.NEXT_CHANGE# > ${behind}
${ONLINE_GROUP}
UNION ALL ${ARCHIVED} AND A.NEXT_CHANGE# > ${behind} AND A.DEST_ID = ${bound.number(statement.destination)}`);
    }
    case 'archiveReach': {
      const bound = new BoundValues();
      return bound.sql(`SELECT TO_CHAR(A.THREAD#), TO_CHAR(COUNT(*)), TO_CHAR(MIN(A.FIRST_CHANGE#)), TO_CHAR(MIN(A.FIRST_TIME), ${SECONDS}),
  TO_CHAR(SUM(A.BLOCKS * A.BLOCK_SIZE)), TO_CHAR(SUM(CASE WHEN A.COMPLETION_TIME > SYSDATE - 1 THEN A.BLOCKS * A.BLOCK_SIZE ELSE 0 END))
${ARCHIVED_FROM} AND A.DEST_ID = ${bound.number(statement.destination)} GROUP BY A.THREAD#`);
    }
  }
}
