import type { ColumnType } from '../../changes/column-type.ts';
import type { ValueReading } from '../reading.ts';
import { dateFault } from './fit.ts';
import type { MysqlSettings } from './settings.ts';
import type { SourceType } from './values/source-type.ts';

/**
 * How values of one type are read. A value's output text is what `output` gives in a result and what the log decoder makes of a row image;
 * `decode` and `misfit` judge it alike on both paths.
 */
export interface TypeReading extends ValueReading {
  /** Expression whose text in a result is the output text; `column` is a quoted name. */
  readonly output: (column: string) => string;
  /** Expression for the canonical text with all digits of the type's fraction or scale, as checksums want it; NULL for NULL. */
  readonly digest: (column: string) => string;
  /** Condition that is true for values that fit; its result for NULL does not matter. Null: all values fit. */
  readonly fits: ((column: string) => string) | null;
  /** Whether an output text never holds a character that a line must escape. */
  readonly isPlain: boolean;
}

/** The user's choices about values that MySQL has and others do not. */
export type ValuePolicies = Pick<MysqlSettings, 'zeroDates' | 'zeroLengthStrings'>;

/** Of a key nothing becomes NULL: there the values do not fit, or stay as they are. */
export const KEY_POLICIES: ValuePolicies = { zeroDates: 'stop', zeroLengthStrings: 'keep' };

const same = (column: string) => column;
/** A BIT and a YEAR as a number. */
const number = (column: string) => `${column} + 0`;
/** A float is printed with six digits; as a double it is printed with all that tell it from others. -0 becomes 0. */
const double = (column: string) => `${column} + 0e0`;
const hex = (column: string) => `LOWER(HEX(${column}))`;

const WIDEST_LABEL = 255;

/** Of types whose values all fit and are printed without anything that must be escaped. */
type PlainType = Exclude<
  SourceType,
  { tag: 'date' | 'datetime' | 'timestamp' | 'char' | 'varchar' | 'text' | 'enum' | 'set' | 'json' | 'unknown' }
>;

/** How a column of this type is read. */
export function readingOf(type: SourceType, policies: ValuePolicies): TypeReading {
  if (type.tag === 'date') return calendar({ tag: 'date' }, policies);
  if (type.tag === 'datetime' || type.tag === 'timestamp') {
    return calendar({ tag: 'datetime', fraction: type.fraction }, policies);
  }
  if (type.tag === 'char' || type.tag === 'varchar') return text(type.characters, policies);
  if (type.tag === 'text') return text(null, policies);
  if (type.tag === 'enum') return text(Math.max(1, ...type.labels.map(characters)), policies);
  if (type.tag === 'set') return text(setLength(type.labels), policies);
  if (type.tag === 'json') return { ...text(null, KEY_POLICIES), digest: asText };
  if (type.tag === 'unknown') return { ...text(null, policies), output: asText, digest: asText };
  return plainReading(type);
}

function plainReading(type: PlainType): TypeReading {
  switch (type.tag) {
    case 'integer':
      return plain({ tag: 'integer', bits: type.bits, unsigned: type.unsigned }, same);
    case 'decimal':
      return plain({ tag: 'decimal', precision: type.precision, scale: type.scale }, same);
    case 'float':
    case 'double':
      return plain({ tag: 'double' }, double);
    case 'bit':
      return plain(bitType(type.bits), number);
    case 'year':
      return plain({ tag: 'integer', bits: 16, unsigned: true }, number);
    case 'time':
      return plain({ tag: 'time', fraction: type.fraction }, same);
    case 'binary':
    case 'varbinary':
      return plain({ tag: 'binary', maxBytes: type.bytes }, hex);
    case 'blob':
    case 'geometry':
    case 'vector':
      return plain({ tag: 'binary', maxBytes: null }, hex);
    case 'uuid':
      return plain({ tag: 'text', maxCharacters: 36 }, asText);
    case 'inet4':
      return plain({ tag: 'text', maxCharacters: 15 }, asText);
    case 'inet6':
      return plain({ tag: 'text', maxCharacters: 45 }, asText);
  }
}

/** The reading of a ZEROFILL column: adding 0 drops the zeros that the server prints before the number. */
export function withoutZerofill(reading: TypeReading): TypeReading {
  return { ...reading, output: number, digest: (column) => asText(number(column)) };
}

/** The output text as it is, in a text column: for `@S`, and as the input of the other type changes. */
export function outputReading(reading: TypeReading): TypeReading {
  if (reading.type.tag === 'text') return reading;
  return {
    ...reading,
    type: { tag: 'text', maxCharacters: null },
    decode: null,
    misfit: null,
    fits: null,
    digest: (column) => asText(reading.output(column)),
  };
}

function asText(expression: string): string {
  return `CAST(${expression} AS CHAR)`;
}

function plain(type: ColumnType, output: (column: string) => string): TypeReading {
  return {
    type,
    output,
    digest: (column) => asText(output(column)),
    fits: null,
    decode: null,
    misfit: null,
    isPlain: true,
  };
}

function bitType(bits: number): ColumnType {
  if (bits === 1) return { tag: 'boolean' };
  const width = bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 24 ? 24 : bits <= 32 ? 32 : 64;
  return { tag: 'integer', bits: width, unsigned: true };
}

function text(maxCharacters: number | null, { zeroLengthStrings }: ValuePolicies): TypeReading {
  const isNull = zeroLengthStrings === 'null';
  const inUtf8 = (column: string) => `CONVERT(${column} USING utf8mb4)`;
  return {
    type: { tag: 'text', maxCharacters },
    output: same,
    // Not NULLIF: most collations call a text of spaces equal to the empty one.
    digest: isNull ? (column) => `IF(LENGTH(${column}) = 0, NULL, ${inUtf8(column)})` : inUtf8,
    fits: null,
    decode: isNull ? (output) => (output === '' ? null : output) : null,
    misfit: null,
    isPlain: false,
  };
}

function calendar(type: ColumnType, { zeroDates }: ValuePolicies): TypeReading {
  const isNull = zeroDates === 'null';
  const isZero = (column: string) => `(MONTH(${column}) = 0 OR DAYOFMONTH(${column}) = 0)`;
  return {
    type,
    output: same,
    digest: isNull ? (column) => `IF(${isZero(column)}, NULL, ${asText(column)})` : asText,
    fits: isNull ? (column) => `(${isZero(column)} OR ${dateFitSql(column)})` : dateFitSql,
    decode: isNull ? (output) => (dateFault(output) === 'zero date' ? null : output) : null,
    misfit: isNull
      ? (output) => {
          const fault = dateFault(output);
          return fault === 'zero date' ? null : fault;
        }
      : dateFault,
    isPlain: true,
  };
}

/** What dateFault says, in SQL. */
function dateFitSql(column: string): string {
  const year = `YEAR(${column})`;
  const leap = `(${year} % 4 = 0 AND (${year} % 100 <> 0 OR ${year} % 400 = 0))`;
  const lastDay = `ELT(MONTH(${column}), 31, IF(${leap}, 29, 28), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)`;
  return `COALESCE(${year} >= 1000 AND DAYOFMONTH(${column}) BETWEEN 1 AND ${lastDay}, 0)`;
}

/** All labels with the commas between them, as a SET may have them; bounded, so that it can be a key, where that is enough. */
function setLength(labels: readonly string[]): number | null {
  const length = labels.reduce((sum, label) => sum + characters(label) + 1, -1);
  return length > WIDEST_LABEL ? null : Math.max(1, length);
}

function characters(label: string): number {
  return Array.from(label).length;
}
