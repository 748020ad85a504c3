import type { SourceType } from '../values/source-type.ts';

/** A column with its type, by which its values are turned into texts and texts into its values. */
export interface TypedColumn {
  readonly name: string;
  readonly type: SourceType;
}

/** A value of a SELECT: the column's output text (values/value-sql.ts), or NULL for a masked column, which is never read. */
export type OutputColumn = TypedColumn | null;

/** What a row must be; several hold together. Texts are output texts or canonical texts of the column's type. */
export type RowCondition =
  | { readonly tag: 'above'; readonly column: TypedColumn; readonly text: string }
  | { readonly tag: 'upTo'; readonly column: TypedColumn; readonly text: string }
  | { readonly tag: 'isSet'; readonly column: TypedColumn }
  /** The columns are one of these keys; texts are compared byte by byte (NLS_COMP=BINARY). */
  | { readonly tag: 'keys'; readonly columns: readonly TypedColumn[]; readonly keys: readonly (readonly string[])[] }
  /** ROWIDs from one on and before the other (null: all behind), in the order of the server's objects, files and blocks. */
  | { readonly tag: 'rowIds'; readonly from: string; readonly to: string | null }
  /** The rows of these ROWIDs. Error 1410 for one that is none. */
  | { readonly tag: 'rowIdIn'; readonly rowIds: readonly string[] }
  /** The user's own condition, in the source's SQL. */
  | { readonly tag: 'chosen'; readonly where: string };
