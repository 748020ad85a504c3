import type { TableName } from '../../../changes/table-name.ts';

export type ServerStatement =
  /**
   * One row: database name, database GUID, recovery fork GUID (both null where the user may not see them), product version (`16.0.4135.4`),
   * edition, snapshot isolation (`ON`, `OFF`, `IN_TRANSITION_TO_ON`, `IN_TRANSITION_TO_OFF`), change tracking is on (`0`, `1`),
   * its retention in minutes (null: off), its clean-up is on (`0`, `1`, null: off), change data capture is on (`0`, `1`),
   * it is Amazon RDS (`0`, `1`), the database may be written (`0`: a read-only replica, `1`), the user's name in the database,
   * its compatibility level (`130` is that of SQL Server 2016).
   */
  | { readonly tag: 'database' }
  /** One row: the server's time in UTC, `2026-11-21T09:00:00.1234567`; by how many minutes its clock shows more. */
  | { readonly tag: 'now' }
  /**
   * One row: the lowest rowversion that a transaction which is open now has given out or can still give out, 16 hexadecimal digits.
   * Of the moment also inside a SNAPSHOT transaction: below it everything is settled, but not for a transaction that began before.
   */
  | { readonly tag: 'minActiveRowversion' }
  /**
   * A row for each table in the order given: its number from 0, may SELECT (`0`, `1`; null: no such table),
   * may VIEW CHANGE TRACKING (the same).
   */
  | { readonly tag: 'tableRights'; readonly tables: readonly TableName[] }
  /** One row: may VIEW DATABASE STATE in this database, may SELECT from schema cdc (`0`, `1`; null: there is none). */
  | { readonly tag: 'databaseRights' }
  /** One row: SQL Server Agent is running (`0`, `1`); none or a refusal (300, 297, 371) where the user may not know. */
  | { readonly tag: 'agent' }
  /** One row: `1`. Refused by the server as the condition deserves: syntax, unknown names. */
  | { readonly tag: 'tryCondition'; readonly table: TableName; readonly where: string };
