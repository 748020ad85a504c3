import type { FitCheck } from '../reading.ts';
import { inUtc as utcOf, readZoned } from './redo/times.ts';
import { numberText } from './values/number-text.ts';

// Whether an output text of Oracle fits its canonical type.

const ZERO = 48;
const DASH = 45;
const ONE = 49;
/** Days that Oracle has, whose calendar is Julian up to 1582, and no destination. */
const JULIAN = /^1[01345]00-02-29/;
const MOST_DIGITS = 6;
const SECONDS = 'YYYY-MM-DD HH:MM:SS'.length;
/** A text with so few characters has neither too many digits before the point nor behind it. */
const SURELY_FITS = 30;

/** `YYYY-MM-DD…`: Oracle's years are -4712 to 9999, the destination's begin at 1000. */
export function calendarMisfit(output: string): string | null {
  const first = output.charCodeAt(0);
  if (first === ZERO || first === DASH) return 'before 1000-01-01';
  return first === ONE && JULIAN.test(output) ? 'a leap day of the Julian calendar' : null;
}

/** A time with nine digits of a second, of which the last three must be 0. */
export function nanosecondMisfit(output: string): string | null {
  const beyond = output.slice(SECONDS + 1 + MOST_DIGITS).split(' ')[0] ?? '';
  return /[1-9]/.test(beyond) ? `more than ${MOST_DIGITS} digits of a second` : null;
}

/** `whole`: digits before the point, `scale`: behind it. */
export function numberMisfit(whole: number, scale: number): FitCheck {
  return (output) => {
    if (output.length <= Math.min(SURELY_FITS, whole, scale) && !/e/i.test(output)) return null;
    const [integer = '', fraction = ''] = numberText(output).replace('-', '').split('.');
    if (integer.length > whole) return `more than ${whole} digits before the point`;
    return fraction.length > scale ? `more than ${scale} digits after the point` : null;
  };
}

export function doubleMisfit(output: string): string | null {
  switch (output) {
    case 'NaN':
      return 'not a number';
    case 'Infinity':
    case '-Infinity':
      return 'infinity';
    default:
      return null;
  }
}

/** National texts hold any UTF-16 units; half of a surrogate pair is no character, and has no UTF-8. */
export function textMisfit(output: string): string | null {
  return output.isWellFormed() ? null : 'half of a surrogate pair';
}

/** The first thing that does not fit. */
export function either(first: FitCheck, second: FitCheck): FitCheck {
  return (output) => first(output) ?? second(output);
}

/** A time with as many digits of a second as are wanted, whatever stands behind them left out; without a zone. */
export function withFraction(output: string, digits: number): string {
  const seconds = output.slice(0, SECONDS);
  if (digits === 0) return seconds;
  const fraction = /^\d*/.exec(output.slice(SECONDS + 1))?.[0] ?? '';
  return `${seconds}.${fraction.slice(0, digits).padEnd(digits, '0')}`;
}

const OFFSET = '+hh:mm'.length;

/** The offset of a time with a zone. */
export function offsetOf(output: string): string {
  return output.slice(-OFFSET);
}

/** `YYYY-MM-DD HH:MM:SS[.fffffffff] +hh:mm` → the same moment in UTC, without the offset; null where it is outside of the years 1 to 9999. */
export function inUtc(output: string): string | null {
  const time = readZoned(output);
  const moment = time === null ? null : utcOf(time);
  if (moment === null) return null;
  return moment.fraction === '' ? moment.dateTime : `${moment.dateTime}.${moment.fraction}`;
}
