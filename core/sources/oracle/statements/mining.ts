import type { TableName } from '../../../changes/table-name.ts';

/**
 * LogMiner, one session of it on each session of the database: logs are added, mining is started, rows are read, mining is ended. Errors:
 * 1284 (a file cannot be opened: it is gone), 1289 (it was added before), 1291 (a log is missing), 1292 and 1307 (none was added, nothing was started), 310 (a
 * log was written over while it was read: the rows after the last whole one are missing), 1306 (nothing was started), 1293 to 1299, 1323,
 * 1331 (dictionary), 65040 (no logs are added in a pluggable database).
 */
export type MiningStatement =
  /** No rows. `isFirst`: logs that were added before are forgotten. */
  | { readonly tag: 'addLogFile'; readonly file: string; readonly isFirst: boolean }
  /**
   * No rows. SCNs from `from` to `upTo`, both included, null: without an end.
   * `dictionary`: `online`: names as they are now; `redo`: from a dictionary in the logs that were added, followed through changes of structure.
   * `isContinuous`: the server finds the logs itself and waits at their end (CONTINUOUS_MINE, up to 18c).
   */
  | {
      readonly tag: 'startMining';
      readonly from: string;
      readonly upTo: string | null;
      readonly dictionary: 'online' | 'redo';
      readonly isContinuous: boolean;
    }
  /**
   * The rows of SCNs from `from` to `upTo`, in the server's order, for mining/read-mined-row.ts: SCN, THREAD#, RS_ID, SSN, CSF, OPERATION_CODE, ROLLBACK, STATUS, INFO,
   * XIDUSN, XIDSLT, XIDSQN, SEG_OWNER, TABLE_NAME, ROW_ID, DATA_OBJ#, DATA_OBJV#, DATA_OBJD#, TIMESTAMP (`YYYY-MM-DD HH24:MI:SS`), USERNAME,
   * SRC_CON_ID, SRC_CON_NAME, SQL_REDO.
   * All starts, commits and rollbacks (6, 7, 36), changes of structure (5) that are not the server's own, and of all others those of `filter`.
   * `upTo` null: to the end of what is written, with all rows whose names LogMiner does not know, too: they may be of a partition that was
   * made since the filter's numbers were asked, of a table that was altered since. Where there is an end, the numbers were asked behind it.
   */
  | { readonly tag: 'minedRows'; readonly from: string; readonly upTo: string | null; readonly filter: MinedFilter }
  /** No rows. Error 1307 where nothing was started. */
  | { readonly tag: 'endMining' }
  /** Logs of this session: file name, thread, sequence number, LOW_SCN, NEXT_SCN, status (`0`: to be read; `1`: read; `2`: read to its end; `4`: missing). */
  | { readonly tag: 'minedLogs' };

/** Which rows of tables are asked for. */
export interface MinedFilter {
  /** DATA_OBJ# of the tables and their partitions: names are not told behind a change of structure. */
  readonly objects: readonly string[];
  /**
   * The tables by their names too: a partition that was added since the numbers were asked has one of its own, but its rows have the table's name.
   * Absent: none.
   */
  readonly tables?: readonly TableName[];
  /** The pluggable database (SRC_CON_NAME); null: there are none, or the session is in it. */
  readonly container: string | null;
}
