import { WIDEST_DECIMAL, type ColumnType } from '../../changes/column-type.ts';
import type { FitCheck, ValueReading } from '../reading.ts';
import {
  calendarMisfit,
  doubleMisfit,
  either,
  inUtc,
  nanosecondMisfit,
  numberMisfit,
  offsetOf,
  textMisfit,
  withFraction,
} from './fit.ts';
import type { OracleSettings } from './settings.ts';
import { numberText } from './values/number-text.ts';
import type { SourceType } from './values/source-type.ts';

/** The user's choices about values that Oracle has and destinations have not. */
export type ValuePolicies = Pick<OracleSettings, 'rawAsHex' | 'nanoseconds' | 'zonedTimes'>;

/** In a key nothing is cut: two keys could become one. */
export function keyPolicies(policies: ValuePolicies): ValuePolicies {
  return policies.nanoseconds === 'cut' ? { ...policies, nanoseconds: 'stop' } : policies;
}

const MOST_FRACTION = 6;
const ROWID_LENGTH = 18;
const SECONDS_LENGTH = 'YYYY-MM-DD HH:MM:SS'.length;
const OFFSET_LENGTH = ' +hh:mm'.length;
const YEAR_MONTH_LENGTH = '+-mm'.length;
const DAY_SECOND_LENGTH = '+ hh:mm:ss'.length;
/** Decimal digits whose numbers all fit the integers of a size. */
const INTEGERS: readonly (readonly [number, 8 | 16 | 32 | 64])[] = [
  [2, 8],
  [4, 16],
  [9, 32],
  [18, 64],
];

/** How a column of this type is read: its output text is what values/value-sql.ts asks for, and what the redo's decoder makes of a value. */
export function readingOf(type: SourceType, policies: ValuePolicies): ValueReading {
  return READINGS[type.tag](type as never, policies);
}

/** The output text as it is, in a text column: for `@S`, and as the input of the other type changes. */
export function outputReading(type: SourceType, reading: ValueReading): ValueReading {
  if (reading.type.tag === 'text') return reading;
  const isNumber = type.tag === 'number' || type.tag === 'float';
  return { ...plain({ tag: 'text', maxCharacters: null }), decode: isNumber ? numberText : null };
}

function plain(type: ColumnType): ValueReading {
  return { type, decode: null, misfit: null };
}

/** Texts of ASCII alone. */
function printed(maxCharacters: number | null): ValueReading {
  return plain({ tag: 'text', maxCharacters });
}

function text(maxCharacters: number | null): ValueReading {
  return { type: { tag: 'text', maxCharacters }, decode: null, misfit: textMisfit };
}

/** A number of any size and any digits. */
const ANY_NUMBER: ValueReading = {
  type: { ...WIDEST_DECIMAL },
  decode: numberText,
  misfit: numberMisfit(WIDEST_DECIMAL.precision - WIDEST_DECIMAL.scale, WIDEST_DECIMAL.scale),
};

function number({ precision, scale }: Extract<SourceType, { tag: 'number' }>): ValueReading {
  if (scale === null) return ANY_NUMBER;
  if (scale <= 0) return whole(precision - scale);
  if (scale > WIDEST_DECIMAL.scale) return ANY_NUMBER;
  // A scale above the precision: there are zeros behind the point.
  const type = { tag: 'decimal', precision: Math.max(precision, scale), scale } as const;
  return { type, decode: numberText, misfit: null };
}

/** Numbers of at most so many digits before the point; none behind it. */
function whole(digits: number): ValueReading {
  const bits = INTEGERS.find(([most]) => digits <= most)?.[1];
  if (bits !== undefined) return { type: { tag: 'integer', bits, unsigned: false }, decode: numberText, misfit: null };
  const { precision } = WIDEST_DECIMAL;
  const type = { tag: 'decimal', precision: Math.min(digits, precision), scale: 0 } as const;
  return { type, decode: numberText, misfit: digits > precision ? numberMisfit(precision, 0) : null };
}

/** Output texts have nine digits of a second. */
function timestamp(fraction: number, { nanoseconds }: ValuePolicies): ValueReading {
  if (fraction > MOST_FRACTION && nanoseconds === 'text') {
    return {
      type: { tag: 'text', maxCharacters: SECONDS_LENGTH + 1 + fraction + 1 },
      decode: (output) => (output.startsWith('-') ? output : withFraction(output, fraction)),
      misfit: null,
    };
  }
  const kept = Math.min(fraction, MOST_FRACTION);
  const misfit: FitCheck =
    fraction > MOST_FRACTION && nanoseconds === 'stop' ? either(calendarMisfit, nanosecondMisfit) : calendarMisfit;
  return { type: { tag: 'datetime', fraction: kept }, decode: (output) => withFraction(output, kept), misfit };
}

function zoned(fraction: number, policies: ValuePolicies): ValueReading {
  if (policies.zonedTimes === 'utc') return utc(timestamp(fraction, policies));
  return {
    type: { tag: 'text', maxCharacters: SECONDS_LENGTH + (fraction === 0 ? 0 : fraction + 1) + OFFSET_LENGTH + 1 },
    decode: (output) => (output.startsWith('-') ? output : `${withFraction(output, fraction)} ${offsetOf(output)}`),
    misfit: null,
  };
}

/** As the reading of a TIMESTAMP, of the text in UTC. */
function utc({ type, decode, misfit }: ValueReading): ValueReading {
  return {
    type,
    decode: (output) => {
      const moment = inUtc(output) ?? output;
      return decode === null ? moment : decode(moment);
    },
    misfit: (output) => {
      const moment = inUtc(output);
      if (moment === null) return calendarMisfit(output) ?? 'outside of the years 1 to 9999 in UTC';
      return misfit?.(moment) ?? null;
    },
  };
}

const binary = (maxBytes: number | null) => plain({ tag: 'binary', maxBytes });

/** By the type's tag. */
const READINGS: {
  readonly [Tag in SourceType['tag']]: (
    type: Extract<SourceType, { tag: Tag }>,
    policies: ValuePolicies,
  ) => ValueReading;
} = {
  number,
  float: () => ANY_NUMBER,
  binaryFloat: () => ({ ...plain({ tag: 'double' }), misfit: doubleMisfit }),
  char: ({ characters }) => text(characters),
  varchar: ({ characters }) => text(characters),
  clob: () => text(null),
  long: () => text(null),
  xml: () => text(null),
  json: () => text(null),
  raw: ({ bytes }, { rawAsHex }) =>
    rawAsHex ? { ...printed(bytes * 2), decode: (output) => output.toUpperCase() } : binary(bytes),
  blob: () => binary(null),
  longRaw: () => binary(null),
  date: () => ({
    type: { tag: 'datetime', fraction: 0 },
    decode: (output) => withFraction(output, 0),
    misfit: calendarMisfit,
  }),
  timestamp: ({ fraction }, policies) => timestamp(fraction, policies),
  local: ({ fraction }, policies) => timestamp(fraction, policies),
  zoned: ({ fraction }, policies) => zoned(fraction, policies),
  yearMonth: ({ years }) => printed(years + YEAR_MONTH_LENGTH),
  daySecond: ({ days, fraction }) => printed(days + DAY_SECOND_LENGTH + (fraction === 0 ? 0 : fraction + 1)),
  rowid: () => printed(ROWID_LENGTH),
  urowid: ({ bytes }) => printed(bytes * 2),
  boolean: () => plain({ tag: 'boolean' }),
  ref: () => printed(null),
  rowScn: () => whole(20),
  // Refused by describe.ts where it is not masked.
  unsupported: () => printed(null),
};
