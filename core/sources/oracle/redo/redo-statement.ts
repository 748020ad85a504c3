/**
 * A value as SQL_REDO prints it, undone of its quoting and nothing else: what its text means is the column's affair (read-….ts, raw-….ts).
 * Strings joined by `||` are one value.
 */
export type RedoValue =
  | { readonly tag: 'null' }
  /** `'…'`: a string, or a number, which Oracle quotes too. */
  | { readonly tag: 'text'; readonly text: string }
  /** A number without quotes. */
  | { readonly tag: 'number'; readonly text: string }
  /** UNISTR('…'), of the national character set, its escapes undone. */
  | { readonly tag: 'unicode'; readonly text: string }
  /** HEXTORAW('…'): an even number of hexadecimal digits, as printed. */
  | { readonly tag: 'raw'; readonly hex: string }
  /** TO_DATE('…', 'format'). */
  | { readonly tag: 'date'; readonly text: string; readonly format: string | null }
  /** TO_TIMESTAMP('…'), by the session's NLS_TIMESTAMP_FORMAT. */
  | { readonly tag: 'timestamp'; readonly text: string }
  /** TO_TIMESTAMP_TZ('…'), by the session's NLS_TIMESTAMP_TZ_FORMAT. */
  | { readonly tag: 'timestampZone'; readonly text: string }
  /** TO_YMINTERVAL('…'). */
  | { readonly tag: 'yearToMonth'; readonly text: string }
  /** TO_DSINTERVAL('…'). */
  | { readonly tag: 'dayToSecond'; readonly text: string }
  /** LM_EMPTY_STRING: a string of no characters, which is not NULL to LogMiner. */
  | { readonly tag: 'emptyString' }
  /** EMPTY_CLOB(), EMPTY_BLOB(): what is in the LOB follows in rows of its own. */
  | { readonly tag: 'emptyClob' }
  | { readonly tag: 'emptyBlob' }
  /** XMLType(:n): the document follows in rows of its own. */
  | { readonly tag: 'xml'; readonly bind: string }
  /** Unsupported: LogMiner cannot print the value. */
  | { readonly tag: 'unsupported' };

/** Owner and name as the dictionary has them, or `UNKNOWN` and `OBJ# n` where LogMiner's dictionary does not know the table. */
export interface RedoTable {
  readonly owner: string;
  readonly name: string;
}

/**
 * Columns with their values. A column that is not listed is absent, which is not NULL.
 * Statements of one table that name the same columns share the array `names`, so that what is worked out for it can be kept.
 */
export interface RedoImage {
  readonly names: readonly string[];
  /** One for each name. */
  readonly values: readonly RedoValue[];
}

/** A statement of SQL_REDO. The row after an update is `set` over `where`. */
export type RedoStatement =
  | { readonly op: 'insert'; readonly table: RedoTable; readonly set: RedoImage }
  | {
      readonly op: 'update';
      readonly table: RedoTable;
      readonly set: RedoImage;
      /** Empty for the undo of an update. */
      readonly where: RedoImage;
      readonly rowId: string | null;
    }
  | {
      readonly op: 'delete';
      readonly table: RedoTable;
      /** Empty for the undo of an insert, which has the ROWID alone. */
      readonly where: RedoImage;
      readonly rowId: string | null;
    };

/** A text that is no statement of SQL_REDO, or more than one. */
export interface RedoFault {
  readonly op: 'fault';
  /** Where reading ended, in UTF-16 code units from the text's beginning. */
  readonly offset: number;
  /** What was expected there, in words without any part of a value. */
  readonly reason: string;
}
