/** A statement as it is sent: `:b1` and so on stand for the binds, each a VARCHAR2. */
export interface SqlText {
  readonly text: string;
  readonly binds: readonly string[];
  /**
   * Columns (from 0) of large objects: behind the last column a flag for each, in this order, says whether it is set (`1`, null). The driver gives
   * an empty one as null, and Oracle's empty large objects are not NULL.
   */
  readonly flagged?: readonly number[];
}
