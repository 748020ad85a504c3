import type { TableName } from '../../../changes/table-name.ts';

export type TransactionStatement =
  /**
   * A transaction of isolation level SNAPSHOT, to the end of which the session sees one state of the database: that of its first read.
   * Error 3952 where ALLOW_SNAPSHOT_ISOLATION is off.
   */
  | { readonly tag: 'beginSnapshot' }
  /** A transaction of READ COMMITTED for {@link lockTable}; a lock that is not had within `milliseconds` is error 1222. */
  | { readonly tag: 'beginLocking'; readonly milliseconds: number }
  /** A shared lock on the table to the end of the transaction: nobody changes its rows meanwhile; waits for transactions that did. No rows. */
  | { readonly tag: 'lockTable'; readonly table: TableName }
  /** Reads the table, so that a SNAPSHOT transaction has its state from now on. No rows that mean anything. */
  | { readonly tag: 'touch'; readonly table: TableName }
  /** Ends the transaction, which changed nothing, and sets the session back to READ COMMITTED. */
  | { readonly tag: 'end' };
