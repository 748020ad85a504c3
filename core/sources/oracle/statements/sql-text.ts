/** A statement as it is sent: `:b1` and so on stand for the binds, each a VARCHAR2. */
export interface SqlText {
  readonly text: string;
  readonly binds: readonly string[];
}
