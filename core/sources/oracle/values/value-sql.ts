import type { SourceType } from './source-type.ts';

/** An expression of an expression. */
type Wrapping = (operand: string) => string;

const asItIs: Wrapping = (operand) => operand;

// Formats of TO_CHAR and TO_DATE (SQL Language Reference, "Format Models"). SYYYY has a place for the sign of years before Christ.
const DATE = 'SYYYY-MM-DD HH24:MI:SS';
const TIMESTAMP = `${DATE}.FF9`;
const ZONED = `${TIMESTAMP} TZH:TZM`;

/** A date or a time; the place for the sign is empty where there is none. */
function printed(format: string): Wrapping {
  return (column) => `LTRIM(TO_CHAR(${column}, '${format}'))`;
}

function converted(name: string, format?: string): Wrapping {
  return (text) => (format === undefined ? `${name}(${text})` : `${name}(${text}, '${format}')`);
}

/**
 * The expression whose value in a result is a column's output text, once the session has made a text of it (output-text.ts).
 * `column` is a quoted name. Nothing is left to the driver that it would round or shorten: it gives texts, bytes and binary floats as they
 * are; the server prints all others. Output texts:
 * numbers as few digits as tell them, without a zero before the point, large ones with an exponent (`.5`, `-12`, `1.0E+100`);
 * dates `YYYY-MM-DD HH24:MI:SS`, timestamps with nine digits of a second, zones as ` +hh:mm`, local times in UTC; years before Christ with a minus;
 * intervals `+02-06`, `+05 10:20:30.123456`; bytes as upper-case hexadecimal digits; binary floats as JavaScript prints them.
 */
export function outputSql(type: SourceType, column: string): string {
  return OUTPUTS[type.tag](column);
}

/**
 * The expression for the value that has a text, to be compared with a column; `parameter` holds the text. Output texts and canonical texts
 * are both read, but for `zoned`, of which only the one with an offset is.
 * Null: values of this type cannot be compared, or have no text that is read back.
 */
export function inputSql(type: SourceType, parameter: string): string | null {
  if ('isNational' in type && type.isNational && type.tag !== 'clob') return `UNISTR(${parameter})`;
  return INPUTS[type.tag]?.(parameter) ?? null;
}

/** What is bound for a text of a column. A text for a column of the national character set goes in ASCII: the other set may not have its characters. */
export function boundText(type: SourceType, text: string): string {
  if (!('isNational' in type) || !type.isNational) return text;
  return text.replaceAll(/[^ -[\]-~]/g, escaped);
}

/** As UNISTR reads it: a backslash and four hexadecimal digits for each UTF-16 unit. */
function escaped(unit: string): string {
  return `\\${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

const OUTPUTS: { readonly [Tag in SourceType['tag']]: Wrapping } = {
  number: (column) => `TO_CHAR(${column}, 'TM9')`,
  float: (column) => `TO_CHAR(${column}, 'TM9')`,
  rowScn: () => `TO_CHAR(ORA_ROWSCN)`,
  binaryFloat: asItIs,
  char: asItIs,
  varchar: asItIs,
  clob: asItIs,
  long: asItIs,
  raw: asItIs,
  blob: asItIs,
  longRaw: asItIs,
  date: printed(DATE),
  timestamp: printed(TIMESTAMP),
  local: printed(TIMESTAMP),
  zoned: printed(ZONED),
  yearMonth: converted('TO_CHAR'),
  daySecond: converted('TO_CHAR'),
  rowid: converted('ROWIDTOCHAR'),
  urowid: (column) => `CAST(${column} AS VARCHAR2(4000))`,
  boolean: (column) => `CASE WHEN ${column} THEN '1' WHEN NOT ${column} THEN '0' END`,
  xml: (column) => `XMLSERIALIZE(CONTENT ${column} AS CLOB)`,
  json: (column) => `JSON_SERIALIZE(${column} RETURNING CLOB)`,
  ref: converted('REFTOHEX'),
  // describe.ts refuses such columns where they are not masked.
  unsupported: () => 'NULL',
};

const INPUTS: { readonly [Tag in SourceType['tag']]: Wrapping | null } = {
  number: converted('TO_NUMBER'),
  float: converted('TO_NUMBER'),
  rowScn: converted('TO_NUMBER'),
  binaryFloat: converted('TO_BINARY_DOUBLE'),
  char: asItIs,
  varchar: asItIs,
  raw: converted('HEXTORAW'),
  date: converted('TO_DATE', DATE),
  timestamp: converted('TO_TIMESTAMP', TIMESTAMP),
  // The session's zone is UTC.
  local: (text) => `FROM_TZ(TO_TIMESTAMP(${text}, '${TIMESTAMP}'), '+00:00')`,
  zoned: converted('TO_TIMESTAMP_TZ', ZONED),
  yearMonth: converted('TO_YMINTERVAL'),
  daySecond: converted('TO_DSINTERVAL'),
  rowid: converted('CHARTOROWID'),
  boolean: converted('TO_BOOLEAN'),
  clob: null,
  long: null,
  blob: null,
  longRaw: null,
  urowid: null,
  xml: null,
  json: null,
  ref: null,
  unsupported: null,
};
