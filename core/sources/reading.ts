import type { ColumnType } from '../changes/column-type.ts';
import type { Column, TableSchema } from '../changes/table-schema.ts';
import type { TypeChange } from '../changes/type-change.ts';

/** Why an output text does not fit its canonical type, without the value; null where it fits. */
export type FitCheck = (output: string) => string | null;

/** What code does with the text that a server prints for a value, the same for a copy and for the log. */
export interface ValueReading {
  readonly type: ColumnType;
  /** Output text → canonical text, for a value that fits; null as a result: NULL, by the user's choice. Null: they are the same. */
  readonly decode: ((output: string) => string | null) | null;
  /** Null: all values fit. */
  readonly misfit: FitCheck | null;
}

/** A column as it is replicated, with how it is read. */
export interface ReadColumn {
  readonly column: Column;
  /** Never read; its value is NULL. */
  readonly isMasked: boolean;
  /** How the server gives it: for a changed type, as its output text. */
  readonly reading: ValueReading;
  /** What code does with the output text; null: the reading's text is final. */
  readonly change: TypeChange | null;
  /** A key column that may be NULL at the source: a row with NULL in it does not fit. */
  readonly mustBeSet: boolean;
}

/** A table as it is replicated; `columns` stand in the schema's order. */
export interface ReadTable {
  readonly schema: TableSchema;
  readonly columns: readonly ReadColumn[];
}
