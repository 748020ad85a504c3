import { WIDEST_DECIMAL } from '../../changes/column-type.ts';
import type { ValueReading } from '../reading.ts';
import { dateMisfit, datetimeMisfit, decimalMisfit, doubleMisfit, zonedDatetimeMisfit } from './fit.ts';

/**
 * How values of one PostgreSQL type are read. The server's output text of a value is the same in COPY and in the log;
 * `copy`, `text` and `decode` are three ways to the same canonical text, and `fits` and `misfit` two ways to the same verdict.
 */
export interface TypeReading extends ValueReading {
  /** Expression whose COPY text is the canonical text; `column` is a quoted name. */
  readonly copy: (column: string) => string;
  /** Expression of type text with the canonical text; NULL for NULL. */
  readonly text: (column: string) => string;
  /** As `text`, but with all digits of the type's fraction or scale, as checksums want it. */
  readonly digest: (column: string) => string;
  /** Condition that holds for values that fit; its result for NULL does not matter. Null: all values fit. */
  readonly fits: ((column: string) => string) | null;
}

/** OIDs of built-in types, which never change (src/include/catalog/pg_type.dat). */
const OID = {
  bool: 16,
  bytea: 17,
  char: 18,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  cidr: 650,
  float4: 700,
  float8: 701,
  macaddr8: 774,
  macaddr: 829,
  inet: 869,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  bit: 1560,
  varbit: 1562,
  numeric: 1700,
  uuid: 2950,
} as const;

/** Longest output texts of types that are keys now and then: a bounded text can be indexed everywhere. */
const TEXT_LENGTHS: ReadonlyMap<number, number> = new Map([
  [OID.uuid, 36],
  [OID.macaddr, 17],
  [OID.macaddr8, 23],
  [OID.inet, 49],
  [OID.cidr, 49],
  [OID.name, 63],
  [OID.char, 4],
]);
const LONGEST_LABEL = 63;
const VARLENA_HEADER = 4;
const WIDEST_FRACTION = 6;

const same = (column: string) => column;
const cast = (column: string) => `${column}::text`;
/** IS DISTINCT FROM, because a composite of NULLs is NULL by IS NULL. concat() prints with the type's output function, where a cast to text may not: char(n) loses its padding, inet gains a mask. */
const output = (column: string) => `CASE WHEN ${column} IS DISTINCT FROM NULL THEN concat(${column}) END`;

/** `oid` and `typmod` are those of the base type of a domain; `isEnum` as pg_type.typtype says. */
export function readingOf(oid: number, typmod: number, isEnum: boolean): TypeReading {
  const fixed = READINGS.get(oid);
  if (fixed !== undefined) return fixed(typmod);
  return text(isEnum ? LONGEST_LABEL : (TEXT_LENGTHS.get(oid) ?? null), output);
}

/** The output text as it is, in a text column: for `@S`, and as the input of the other type changes. */
export function outputReading(): TypeReading {
  return text(null, output);
}

function text(maxCharacters: number | null, asText: (column: string) => string): TypeReading {
  return {
    type: { tag: 'text', maxCharacters },
    copy: same,
    text: asText,
    digest: asText,
    fits: null,
    decode: null,
    misfit: null,
  };
}

function integer(bits: 16 | 32 | 64, unsigned: boolean): TypeReading {
  const type = { tag: 'integer', bits, unsigned } as const;
  return { type, copy: same, text: cast, digest: cast, fits: null, decode: null, misfit: null };
}

function boolean(): TypeReading {
  const asText = (column: string) => `${column}::int4::text`;
  return {
    type: { tag: 'boolean' },
    copy: (column) => `${column}::int4`,
    text: asText,
    digest: asText,
    fits: null,
    decode: (value) => (value === 't' ? '1' : '0'),
    misfit: null,
  };
}

function double(): TypeReading {
  return {
    type: { tag: 'double' },
    copy: same,
    text: cast,
    digest: cast,
    // NaN sorts above infinity.
    fits: (column) => `${column} > '-Infinity' AND ${column} < 'Infinity'`,
    decode: null,
    misfit: doubleMisfit,
  };
}

function numeric(typmod: number): TypeReading {
  const type = numericType(typmod);
  const widest = type.precision === WIDEST_DECIMAL.precision && type.scale === WIDEST_DECIMAL.scale;
  const whole = type.precision - type.scale;
  return {
    type,
    copy: same,
    text: cast,
    digest: (column) => `${column}::numeric(${type.precision},${type.scale})::text`,
    // NaN sorts above every number, and so does infinity; scale() is the number of digits that are printed.
    fits: widest
      ? (column) => `abs(${column}) < '1e${whole}' AND scale(${column}) <= ${type.scale}`
      : (column) => `${column} <> 'NaN'`,
    decode: null,
    misfit: widest ? decimalMisfit(whole, type.scale) : decimalMisfit(null, null),
  };
}

/** numeric(p,s): typmod is ((p << 16) | s) + 4; from PostgreSQL 15 on s has 11 bits with a sign and may exceed p. */
function numericType(typmod: number): { tag: 'decimal'; precision: number; scale: number } {
  if (typmod < VARLENA_HEADER) return { ...WIDEST_DECIMAL };
  const precision = ((typmod - VARLENA_HEADER) >> 16) & 0xffff;
  const scale = (((typmod - VARLENA_HEADER) & 0x7ff) ^ 1024) - 1024;
  const fitted =
    scale < 0 ? { precision: precision - scale, scale: 0 } : { precision: Math.max(precision, scale), scale };
  return fitted.precision <= WIDEST_DECIMAL.precision && fitted.scale <= WIDEST_DECIMAL.scale
    ? { tag: 'decimal', ...fitted }
    : { ...WIDEST_DECIMAL };
}

function date(): TypeReading {
  return {
    type: { tag: 'date' },
    copy: same,
    text: cast,
    digest: cast,
    fits: (column) => `${column} >= '1000-01-01' AND ${column} <= '9999-12-31'`,
    decode: null,
    misfit: dateMisfit,
  };
}

function time(fraction: number): TypeReading {
  return {
    type: { tag: 'time', fraction },
    copy: same,
    text: cast,
    digest: (column) => withFraction(`to_char(${column}::interval, 'HH24:MI:SS.US')`, fraction),
    fits: null,
    decode: null,
    misfit: null,
  };
}

function timestamp(fraction: number): TypeReading {
  return {
    type: { tag: 'datetime', fraction },
    copy: same,
    text: cast,
    digest: (column) => withFraction(`to_char(${column}, 'YYYY-MM-DD HH24:MI:SS.US')`, fraction),
    fits: (column) => `${column} >= '1000-01-01' AND ${column} < '10000-01-01'`,
    decode: null,
    misfit: datetimeMisfit,
  };
}

const UTC_SUFFIX_LENGTH = '+00'.length;

function zonedTimestamp(fraction: number): TypeReading {
  const inUtc = (column: string) => `timezone('UTC', ${column})`;
  return {
    type: { tag: 'datetime', fraction },
    copy: inUtc,
    text: (column) => `${inUtc(column)}::text`,
    digest: (column) => withFraction(`to_char(${inUtc(column)}, 'YYYY-MM-DD HH24:MI:SS.US')`, fraction),
    fits: (column) => `${column} >= '1000-01-01 00:00:00+00' AND ${column} < '10000-01-01 00:00:00+00'`,
    decode: (value) => value.slice(0, -UTC_SUFFIX_LENGTH),
    misfit: zonedDatetimeMisfit,
  };
}

function bytea(): TypeReading {
  const hex = (column: string) => `encode(${column}, 'hex')`;
  return {
    type: { tag: 'binary', maxBytes: null },
    copy: hex,
    text: hex,
    digest: hex,
    fits: null,
    decode: (value) => value.slice(2),
    misfit: null,
  };
}

function fractionOf(typmod: number): number {
  return typmod >= 0 ? Math.min(typmod, WIDEST_FRACTION) : WIDEST_FRACTION;
}

/** Cuts an expression that ends with six digits of a second; the value has no more digits than its type's fraction. */
function withFraction(expression: string, fraction: number): string {
  if (fraction === WIDEST_FRACTION) return expression;
  return `left(${expression}, -${fraction === 0 ? WIDEST_FRACTION + 1 : WIDEST_FRACTION - fraction})`;
}

/** By type OID; all others are text. */
const READINGS: ReadonlyMap<number, (typmod: number) => TypeReading> = new Map([
  [OID.bool, boolean],
  [OID.int2, () => integer(16, false)],
  [OID.int4, () => integer(32, false)],
  [OID.int8, () => integer(64, false)],
  [OID.oid, () => integer(32, true)],
  [OID.numeric, numeric],
  [OID.float4, double],
  [OID.float8, double],
  [OID.date, date],
  [OID.time, (typmod: number) => time(fractionOf(typmod))],
  [OID.timestamp, (typmod: number) => timestamp(fractionOf(typmod))],
  [OID.timestamptz, (typmod: number) => zonedTimestamp(fractionOf(typmod))],
  [OID.bytea, bytea],
  [OID.text, () => text(null, cast)],
  [OID.varchar, (typmod: number) => text(lengthOf(typmod), cast)],
  [OID.bpchar, (typmod: number) => text(lengthOf(typmod), output)],
  [OID.bit, (typmod: number) => text(typmod > 0 ? typmod : null, output)],
  [OID.varbit, (typmod: number) => text(typmod > 0 ? typmod : null, output)],
]);

function lengthOf(typmod: number): number | null {
  return typmod > VARLENA_HEADER ? typmod - VARLENA_HEADER : null;
}
