import type { SourceType } from './source-type.ts';

/** An expression of an expression. */
type Wrapping = (operand: string) => string;

/** Above this many nvarchar has no length of its own, but is `(max)`. */
const LONGEST_NVARCHAR = 4000;
const DATE_LENGTH = '9999-12-31'.length;
const DECIMAL_LENGTH = 41;
const NUMBER_LENGTH = 30;
const TIME_LENGTH = '23:59:59.1234567'.length;
const DATETIME_LENGTH = '9999-12-31 23:59:59.1234567'.length;
const ZONED_LENGTH = '9999-12-31 23:59:59.1234567 +14:00'.length;

// Styles of CONVERT (the manual's "CAST and CONVERT").
/** Money with four digits behind the point; bytes as hexadecimal digits without 0x. */
const WHOLE = 2;
/** A float with 17 digits. */
const DISTINCT = 3;
/** `yyyy-mm-dd`. */
const ISO_DATE = 23;
/** `yyyy-mm-dd hh:mi:ss`. */
const SECONDS = 120;
/** `yyyy-mm-dd hh:mi:ss.fffffff`, with `+hh:mi` behind it where there is an offset. */
const WITH_FRACTION = 121;

const asItIs: Wrapping = (operand) => operand;

function convert(type: string, style?: number): Wrapping {
  const tail = style === undefined ? '' : `, ${style}`;
  return (operand) => `CONVERT(${type}, ${operand}${tail})`;
}

function toText(characters: number | 'max', style?: number): Wrapping {
  return convert(`nvarchar(${characters})`, style);
}

/**
 * The expression whose value in a result is a column's output text, once the session has made a text of it (output-text.ts).
 * `column` is a quoted name, with or without its table's. Nothing is left to the driver that it would round or shorten:
 * it gives integers, floats, GUIDs, bytes and nvarchar as they are, and the server converts all others to nvarchar.
 */
export function outputSql(type: SourceType, column: string): string {
  return OUTPUTS[type.tag](type as never)(column);
}

/**
 * The expression for the value that has an output text, to be compared with a column; `parameter` holds the text as nvarchar.
 * Null: values of this type cannot be compared, or have no text that is read back.
 */
export function inputSql(type: SourceType, parameter: string): string | null {
  return INPUTS[type.tag]?.(type as never)(parameter) ?? null;
}

/** By the server, which knows the code page of each collation; char(8000) is longer than nvarchar may be. */
function narrowText(characters: number | null): Wrapping {
  return toText(characters === null || characters > LONGEST_NVARCHAR ? 'max' : characters);
}

/** Four bytes of SRID, the most significant first, then well-known binary with Z and M. */
function spatial(column: string): string {
  return `CONVERT(varbinary(max), CONVERT(binary(4), ${column}.STSrid) + ${column}.AsBinaryZM())`;
}

const VARIANT_TIMES = ['date', 'time', 'smalldatetime', 'datetime', 'datetime2', 'datetimeoffset'];

/** `base type:value`, because 1 the number and 1 the text are different variants. */
function variant(column: string): string {
  const base = `CONVERT(nvarchar(128), SQL_VARIANT_PROPERTY(${column}, 'BaseType'))`;
  const whens = [
    `${base} IN (N'float', N'real') THEN ${toText(NUMBER_LENGTH, DISTINCT)(`CONVERT(float, ${column})`)}`,
    `${base} IN (N'money', N'smallmoney') THEN ${toText(NUMBER_LENGTH, WHOLE)(`CONVERT(money, ${column})`)}`,
    `${base} IN (N'binary', N'varbinary') THEN ${toText('max', WHOLE)(`CONVERT(varbinary(8000), ${column})`)}`,
    ...VARIANT_TIMES.map(
      (name) => `${base} = N'${name}' THEN ${toText(ZONED_LENGTH, WITH_FRACTION)(`CONVERT(${name}, ${column})`)}`,
    ),
  ];
  const value = `CASE ${whens.map((when) => `WHEN ${when}`).join(' ')} ELSE ${toText('max')(column)} END`;
  return `CASE WHEN ${column} IS NOT NULL THEN ${base} + N':' + ${value} END`;
}

/** By the type's tag: with a type, how its values are wrapped. */
type ByTag<Absent = never> = {
  readonly [Tag in SourceType['tag']]: ((type: Extract<SourceType, { tag: Tag }>) => Wrapping) | Absent;
};

const exact = () => asItIs;
const long = () => toText('max');

const OUTPUTS: ByTag = {
  integer: exact,
  bit: exact,
  float: exact,
  uniqueidentifier: exact,
  binary: exact,
  varbinary: exact,
  rowversion: exact,
  char: ({ isUnicode, characters }) => (isUnicode ? asItIs : narrowText(characters)),
  varchar: ({ isUnicode, characters }) => (isUnicode ? asItIs : narrowText(characters)),
  text: long,
  xml: long,
  unknown: long,
  decimal: () => toText(DECIMAL_LENGTH),
  money: () => toText(NUMBER_LENGTH, WHOLE),
  date: () => toText(DATE_LENGTH, ISO_DATE),
  time: () => toText(TIME_LENGTH, WITH_FRACTION),
  smalldatetime: () => toText(DATETIME_LENGTH, SECONDS),
  datetime: () => toText(DATETIME_LENGTH, WITH_FRACTION),
  datetime2: () => toText(DATETIME_LENGTH, WITH_FRACTION),
  datetimeoffset: () => toText(ZONED_LENGTH, WITH_FRACTION),
  image: () => convert('varbinary(max)'),
  hierarchyid: () => (column) => `${column}.ToString()`,
  spatial: () => spatial,
  variant: () => variant,
};

const fractional = ({ tag, fraction }: { readonly tag: string; readonly fraction: number }) =>
  convert(`${tag}(${fraction})`, WITH_FRACTION);

const INPUTS: ByTag<null> = {
  integer: () => convert('bigint'),
  bit: () => convert('bit'),
  float: () => convert('float'),
  uniqueidentifier: () => convert('uniqueidentifier'),
  binary: ({ bytes }) => convert(`varbinary(${bytes})`, WHOLE),
  varbinary: ({ bytes }) => convert(`varbinary(${bytes ?? 'max'})`, WHOLE),
  rowversion: () => convert('binary(8)', WHOLE),
  char: exact,
  varchar: exact,
  decimal: ({ precision, scale }) => convert(`decimal(${precision}, ${scale})`),
  money: () => convert('money'),
  date: () => convert('date', ISO_DATE),
  time: fractional,
  smalldatetime: () => convert('smalldatetime', SECONDS),
  datetime: () => convert('datetime', WITH_FRACTION),
  datetime2: fractional,
  datetimeoffset: fractional,
  hierarchyid: () => (parameter) => `hierarchyid::Parse(${parameter})`,
  text: null,
  xml: null,
  unknown: null,
  image: null,
  spatial: null,
  variant: null,
};
