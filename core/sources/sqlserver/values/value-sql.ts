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
  const input = inputOf(type);
  switch (input.tag) {
    case 'none':
      return null;
    case 'text':
      return parameter;
    case 'parsed':
      return `hierarchyid::Parse(${parameter})`;
    case 'converted':
      return convert(input.type, input.style)(parameter);
  }
}

/**
 * As {@link inputSql}, but NULL for a text that is no value of the type, instead of an error.
 * Null: also where the server can only read a text or fail.
 */
export function triedInputSql(type: SourceType, parameter: string): string | null {
  const input = inputOf(type);
  if (input.tag === 'converted') return `TRY_${convert(input.type, input.style)(parameter)}`;
  return input.tag === 'text' ? parameter : null;
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
type ByTag = {
  readonly [Tag in SourceType['tag']]: (type: Extract<SourceType, { tag: Tag }>) => Wrapping;
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

/** How a text becomes a value of the type. */
type Input =
  | { readonly tag: 'none' }
  | { readonly tag: 'text' }
  | { readonly tag: 'parsed' }
  | { readonly tag: 'converted'; readonly type: string; readonly style: number | undefined };

function inputOf(type: SourceType): Input {
  return INPUTS[type.tag](type as never);
}

const none = (): Input => ({ tag: 'none' });
const asText = (): Input => ({ tag: 'text' });
const into = (type: string, style?: number): Input => ({ tag: 'converted', type, style });
const fractional = ({ tag, fraction }: { readonly tag: string; readonly fraction: number }) =>
  into(`${tag}(${fraction})`, WITH_FRACTION);

const INPUTS: { readonly [Tag in SourceType['tag']]: (type: Extract<SourceType, { tag: Tag }>) => Input } = {
  integer: () => into('bigint'),
  bit: () => into('bit'),
  float: () => into('float'),
  uniqueidentifier: () => into('uniqueidentifier'),
  binary: ({ bytes }) => into(`varbinary(${bytes})`, WHOLE),
  varbinary: ({ bytes }) => into(`varbinary(${bytes ?? 'max'})`, WHOLE),
  rowversion: () => into('binary(8)', WHOLE),
  char: asText,
  varchar: asText,
  decimal: ({ precision, scale }) => into(`decimal(${precision}, ${scale})`),
  money: () => into('money'),
  date: () => into('date', ISO_DATE),
  time: fractional,
  smalldatetime: () => into('smalldatetime', SECONDS),
  datetime: () => into('datetime', WITH_FRACTION),
  datetime2: fractional,
  datetimeoffset: fractional,
  hierarchyid: () => ({ tag: 'parsed' }),
  text: none,
  xml: none,
  unknown: none,
  image: none,
  spatial: none,
  variant: none,
};
