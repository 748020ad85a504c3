/** The inventory of redo logs. In a container database they are those of the root. V$ and not GV$: each instance of RAC sees the logs of all. */
export type LogStatement =
  /** Numbers of the archive destinations on this machine that work: DEST_ID, ascending. Their logs are the same. */
  | { readonly tag: 'archiveDestinations' }
  /**
   * Redo logs that hold anything behind an SCN, of this incarnation of the database: file name, redo thread, sequence number, FIRST_CHANGE# (the first SCN in
   * it), NEXT_CHANGE# (the first one behind it; of the current log a number above all others), FIRST_TIME by the server's clock
   * (`YYYY-MM-DD HH24:MI:SS`), `ONLINE` or `ARCHIVED`, status of an online one (`CURRENT`, `ACTIVE`, `INACTIVE`; null: archived),
   * begins a dictionary (`YES`, `NO`), ends one (`YES`, `NO`), bytes. In no order. An online log that was archived stands there twice.
   * Archived ones are those of one destination that the server has not deleted itself (STATUS = 'A'); that a file is still there nobody knows
   * before it is opened.
   */
  | { readonly tag: 'logs'; readonly behind: string; readonly destination: string }
  /**
   * For each thread what is archived: thread, archived logs that are there, the least FIRST_CHANGE# of them, its FIRST_TIME, their bytes, bytes archived in the
   * last 24 hours.
   */
  | { readonly tag: 'archiveReach'; readonly destination: string }
  /**
   * Redo threads: number, status (`OPEN`, `CLOSED`), enabled (`PUBLIC`, `PRIVATE`, `DISABLED`), current sequence number, ENABLE_CHANGE#,
   * CHECKPOINT_CHANGE#, LAST_REDO_CHANGE# (the SCN of the last redo that was written).
   */
  | { readonly tag: 'threads' }
  /** No rows. Writes the dictionary into the redo logs; takes minutes, and a right on DBMS_LOGMNR_D. */
  | { readonly tag: 'buildDictionary' }
  /** No rows, and nothing is done. Error 6550 where the user may not run `buildDictionary`. */
  | { readonly tag: 'tryDictionary' };
