/**
 * A statement as it is sent. With parameters it is an RPC of sp_executesql, `@p1` and so on, each an nvarchar; without any it is a batch,
 * because what SET sets inside sp_executesql ends with it, and so may no transaction begin there.
 */
export interface SqlText {
  readonly text: string;
  readonly parameters: readonly string[];
}
