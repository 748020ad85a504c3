import type { SourceType } from '../values/source-type.ts';

/** A column with its type, by which its values are turned into texts and texts into its values. */
export interface TypedColumn {
  readonly name: string;
  readonly type: SourceType;
}

/** A value of a SELECT: the column's output text (types.ts), or NULL for a masked column, which is never read. */
export type OutputColumn = TypedColumn | null;

/** What a row must be; several hold together. Texts are output texts. */
export type RowCondition =
  | { readonly tag: 'above'; readonly column: TypedColumn; readonly text: string }
  | { readonly tag: 'upTo'; readonly column: TypedColumn; readonly text: string }
  | { readonly tag: 'isSet'; readonly column: TypedColumn }
  | { readonly tag: 'below'; readonly column: TypedColumn; readonly text: string }
  /** The columns are one of these keys, by the server's comparison, which may find more (case, accents). */
  | { readonly tag: 'keys'; readonly columns: readonly TypedColumn[]; readonly keys: readonly (readonly string[])[] }
  /** The user's own condition, in the source's SQL. */
  | { readonly tag: 'chosen'; readonly where: string };
