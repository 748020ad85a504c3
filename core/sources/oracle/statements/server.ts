import type { TableName } from '../../../changes/table-name.ts';

/** Dictionary views that are asked for; see check-server.ts for the rights on them. */
export type ServerView =
  | 'V$DATABASE'
  | 'V$LOG'
  | 'V$LOGFILE'
  | 'V$ARCHIVED_LOG'
  | 'V$ARCHIVE_DEST_STATUS'
  | 'V$LOGMNR_LOGS'
  | 'V$LOGMNR_CONTENTS'
  | 'V$THREAD'
  | 'GV$TRANSACTION'
  | 'V$CONTAINERS'
  | 'V$PDB_INCARNATION'
  | 'DBA_2PC_PENDING'
  | 'DBA_OBJECTS'
  | 'DBA_EXTENTS';

export type ServerStatement =
  /**
   * One row: DBID, database name, RESETLOGS_CHANGE#, RESETLOGS_TIME (`YYYY-MM-DD HH24:MI:SS`), log mode (`ARCHIVELOG`, `NOARCHIVELOG`, `MANUAL`),
   * supplemental logging of the database: minimal (`YES`, `NO`, `IMPLICIT`), of all columns, of primary keys (`YES`, `NO`),
   * is a container database (`YES`, `NO`), role (`PRIMARY`, `PHYSICAL STANDBY`, …), open mode (`READ WRITE`, …), forced logging (`YES`, `NO`),
   * name of the session's container (`CDB$ROOT`, the pluggable database's, or the database's where there are none), its number (`0` where there are none),
   * the session's user, DBID of the session's container. Error 942 without the right on V_$DATABASE.
   */
  | { readonly tag: 'database' }
  /** One row: the server's release, `19.3.0.0.0`. `isFull`: with the release update, `19.21.0.0.0`; error 904 before 18c. */
  | { readonly tag: 'release'; readonly isFull: boolean }
  /** One row: the server's time in UTC, `2026-11-21T09:00:00.123456`; what its clock differs from UTC, `+02:00`. */
  | { readonly tag: 'now' }
  /** One row: the SCN now. What commits from now on has a greater one. */
  | { readonly tag: 'currentScn' }
  /** One row: the SCN now, and what `now` tells. */
  | { readonly tag: 'clock' }
  /** The zone of the server's scheduler, which its administrator may have set: `Europe/Berlin`, `PST8PDT`; none where it has none. */
  | { readonly tag: 'schedulerZone' }
  /** One row: the time of an SCN by the server's clock, to about three seconds, `YYYY-MM-DD HH24:MI:SS`. Error 8181 where it is too old to be known. */
  | { readonly tag: 'timeOfScn'; readonly scn: string }
  /** One row: the database's character sets, of CHAR and of NCHAR: `AL32UTF8`, `AL16UTF16`. */
  | { readonly tag: 'characterSets' }
  /**
   * Transactions that are open now, on all instances: instance, XIDUSN, XIDSLOT, XIDSQN, START_SCN, container number (`0` where there are none).
   * A session in a pluggable database sees those of this one.
   */
  | { readonly tag: 'openTransactions' }
  /** Distributed transactions of the session's container that are prepared and have nobody any more who ends them: `<usn>.<slot>.<sequence>`. */
  | { readonly tag: 'inDoubt' }
  /** Containers that the session sees: number, name, open mode, DBID. None where there are none. */
  | { readonly tag: 'containers' }
  /**
   * One row: the incarnation of the session's pluggable database, as one text that another incarnation does not have. None outside of one.
   * Error 942 without the right on V_$PDB_INCARNATION, and before 12.2.
   */
  | { readonly tag: 'incarnation' }
  /** One row: the session's user, whatever rights it has. */
  | { readonly tag: 'sessionUser' }
  /** The rights that the session has by roles and by itself: `LOGMINING`, `SELECT ANY TABLE`, … */
  | { readonly tag: 'privileges' }
  /** No row; error 942 or 1031 where the user may not read the view. */
  | { readonly tag: 'tryView'; readonly view: ServerView }
  /** No row; error 942 or 1031 where the user may not read the table. `asOf`: as it was at an SCN, for which FLASHBACK is needed. */
  | { readonly tag: 'tryTable'; readonly table: TableName; readonly asOf: string | null }
  /** Whether it is Amazon RDS: one row where it is, none where it is not. */
  | { readonly tag: 'isRds' }
  /** Settings of Amazon RDS: name (`archivelog retention hours`), value. Error 942 where it is none. */
  | { readonly tag: 'rdsSettings' };
