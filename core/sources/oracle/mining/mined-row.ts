/**
 * A row of V$LOGMNR_CONTENTS, as the statement `minedRows` selects it. Numbers that can be large are texts.
 * Oracle Database Reference, V$LOGMNR_CONTENTS.
 */
export interface MinedRow {
  /** System change number, decimal. */
  readonly scn: string;
  /** The redo thread; each instance of RAC has its own. */
  readonly thread: number;
  /** Where the redo record stands: `RBASQN.RBABLK.RBABYTE`, hexadecimal, without the spaces around it. Comparable within a thread; all zero: nowhere. */
  readonly rsId: string;
  /** Tells the rows of one redo record apart. */
  readonly ssn: number;
  /** The statement goes on in the next row. */
  readonly continues: boolean;
  /** OPERATION_CODE: 1 insert, 2 delete, 3 update, 5 DDL, 6 start, 7 commit, 9 internal, 10 LOB write, 11 LOB trim, 34 missing SCN, 36 rollback, 255 unsupported, … */
  readonly operation: number;
  /** ROLLBACK = 1: the row takes back an earlier one of its transaction. */
  readonly isUndo: boolean;
  /** 0: the statement can be run; 2: it cannot, see INFO. */
  readonly status: number;
  readonly info: string | null;
  /** XIDUSN, XIDSLT, XIDSQN. */
  readonly transaction: { readonly segment: number; readonly slot: number; readonly sequence: number };
  readonly owner: string | null;
  readonly table: string | null;
  readonly rowId: string | null;
  /** DATA_OBJ#, DATA_OBJV#, DATA_OBJD#. */
  readonly object: { readonly id: string | null; readonly version: string | null; readonly dataId: string | null };
  /** Of the redo record, by the database's clock, to the second: `YYYY-MM-DD HH24:MI:SS`. */
  readonly timestamp: string;
  readonly user: string | null;
  /** SRC_CON_ID and SRC_CON_NAME; null outside container databases. */
  readonly container: { readonly id: number; readonly name: string } | null;
  readonly sql: string | null;
}
