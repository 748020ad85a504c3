import { WIDEST_DECIMAL, type ColumnType } from '../../changes/column-type.ts';
import type { FitCheck, ValueReading } from '../reading.ts';
import { calendarMisfit, either, inUtc, scaleMisfit, seventhDigitMisfit, textMisfit } from './fit.ts';
import type { SqlserverSettings } from './settings.ts';
import type { SourceType } from './values/source-type.ts';

/** The user's choices about values that SQL Server has and destinations have not. */
export type ValuePolicies = Pick<SqlserverSettings, 'zeroLengthStrings' | 'seventhDigit' | 'zonedTimes'>;

/** In a key nothing becomes NULL, and nothing is cut: two keys could become one. */
export function keyPolicies(policies: ValuePolicies): ValuePolicies {
  const seventhDigit = policies.seventhDigit === 'cut' ? 'stop' : policies.seventhDigit;
  return { ...policies, zeroLengthStrings: 'keep', seventhDigit };
}

const MOST_FRACTION = 6;
/** ToString() of a hierarchyid gives nvarchar(4000). */
const LONGEST_HIERARCHY = 4000;
const GUID_LENGTH = 36;
const TIME_LENGTH = '23:59:59.1234567'.length;
const DATETIME_LENGTH = '9999-12-31 23:59:59.1234567'.length;
const ZONED_LENGTH = '9999-12-31 23:59:59.1234567 +14:00'.length;

/** How a column of this type is read: its output text is what values/value-sql.ts asks for. */
export function readingOf(type: SourceType, policies: ValuePolicies): ValueReading {
  return READINGS[type.tag](type as never, policies);
}

/** The output text as it is, in a text column: for `@S`, and as the input of the other type changes. */
export function outputReading(reading: ValueReading): ValueReading {
  return reading.type.tag === 'text' ? reading : plain({ tag: 'text', maxCharacters: null });
}

function plain(type: ColumnType): ValueReading {
  return { type, decode: null, misfit: null };
}

/** Texts of ASCII alone. */
function printed(maxCharacters: number): ValueReading {
  return plain({ tag: 'text', maxCharacters });
}

function text(maxCharacters: number | null, { zeroLengthStrings }: ValuePolicies): ValueReading {
  return {
    type: { tag: 'text', maxCharacters },
    decode: zeroLengthStrings === 'null' ? (output) => (output === '' ? null : output) : null,
    misfit: textMisfit,
  };
}

/** All digits of the scale are printed, which may be up to 38. */
function decimal(precision: number, scale: number): ValueReading {
  const most = WIDEST_DECIMAL.scale;
  if (scale <= most) return plain({ tag: 'decimal', precision, scale });
  return {
    type: { ...WIDEST_DECIMAL },
    decode: (output) => output.slice(0, output.indexOf('.') + 1 + most),
    misfit: scaleMisfit(most),
  };
}

function time(fraction: number, policies: ValuePolicies): ValueReading {
  if (fraction <= MOST_FRACTION) return plain({ tag: 'time', fraction });
  if (policies.seventhDigit === 'text') return printed(TIME_LENGTH);
  return { type: { tag: 'time', fraction: MOST_FRACTION }, decode: cutFraction, misfit: seventhDigit(policies) };
}

function datetime(fraction: number, policies: ValuePolicies): ValueReading {
  if (fraction <= MOST_FRACTION) return { ...plain({ tag: 'datetime', fraction }), misfit: calendarMisfit };
  if (policies.seventhDigit === 'text') return printed(DATETIME_LENGTH);
  const misfit = seventhDigit(policies);
  return {
    type: { tag: 'datetime', fraction: MOST_FRACTION },
    decode: cutFraction,
    misfit: misfit === null ? calendarMisfit : either(calendarMisfit, misfit),
  };
}

/** As the reading of a datetime2, of the text in UTC. */
function utc({ type, decode, misfit }: ValueReading): ValueReading {
  return {
    type,
    decode: (output) => (decode === null ? inUtc(output) : decode(inUtc(output))),
    misfit: misfit === null ? null : (output) => misfit(inUtc(output)),
  };
}

function cutFraction(output: string): string {
  return output.slice(0, -1);
}

function seventhDigit(policies: ValuePolicies): FitCheck | null {
  return policies.seventhDigit === 'cut' ? null : seventhDigitMisfit;
}

const binary = (maxBytes: number | null) => plain({ tag: 'binary', maxBytes });
/** Zero-length strings are those of texts only. */
const document = (_: SourceType, policies: ValuePolicies) => text(null, { ...policies, zeroLengthStrings: 'keep' });

/** By the type's tag. */
const READINGS: {
  readonly [Tag in SourceType['tag']]: (
    type: Extract<SourceType, { tag: Tag }>,
    policies: ValuePolicies,
  ) => ValueReading;
} = {
  integer: ({ bits }) => plain({ tag: 'integer', bits, unsigned: bits === 8 }),
  bit: () => plain({ tag: 'boolean' }),
  decimal: ({ precision, scale }) => decimal(precision, scale),
  money: ({ isSmall }) => plain({ tag: 'decimal', precision: isSmall ? 10 : 19, scale: 4 }),
  float: () => plain({ tag: 'double' }),
  // Of char and varchar bytes are counted, which are at least as many as characters.
  char: ({ characters }, policies) => text(characters, policies),
  varchar: ({ characters }, policies) => text(characters, policies),
  text: (_, policies) => text(null, policies),
  xml: document,
  variant: document,
  unknown: document,
  binary: ({ bytes }) => binary(bytes),
  varbinary: ({ bytes }) => binary(bytes),
  rowversion: () => binary(8),
  image: () => binary(null),
  spatial: () => binary(null),
  date: () => ({ ...plain({ tag: 'date' }), misfit: calendarMisfit }),
  time: ({ fraction }, policies) => time(fraction, policies),
  smalldatetime: (_, policies) => datetime(0, policies),
  datetime: (_, policies) => datetime(3, policies),
  datetime2: ({ fraction }, policies) => datetime(fraction, policies),
  datetimeoffset: ({ fraction }, policies) =>
    policies.zonedTimes === 'utc' ? utc(datetime(fraction, policies)) : printed(ZONED_LENGTH),
  uniqueidentifier: () => printed(GUID_LENGTH),
  hierarchyid: () => printed(LONGEST_HIERARCHY),
};
