import type { FitCheck } from '../reading.ts';

// Whether an output text of SQL Server fits its canonical type, without parsing it.

const ZERO = 48;
const POINT = '.';
const MOST_DIGITS = 6;
const NO_FRACTION = 'YYYY-MM-DD HH:MM:SS'.length;

/** `YYYY-MM-DD…`: SQL Server's years are 0001 to 9999, the destination's begin at 1000. */
export function calendarMisfit(output: string): string | null {
  return output.charCodeAt(0) === ZERO ? 'before 1000-01-01' : null;
}

/** A text of a time with seven digits of a second, of which the last must be 0. */
export function seventhDigitMisfit(output: string): string | null {
  return output.charCodeAt(output.length - 1) === ZERO ? null : `more than ${MOST_DIGITS} digits of a second`;
}

/** SQL Server prints all digits of a type's scale; those behind `scale` may only be 0. */
export function scaleMisfit(scale: number): FitCheck {
  return (output) => {
    const beyond = output.slice(output.indexOf(POINT) + 1 + scale);
    return /[1-9]/.test(beyond) ? `more than ${scale} digits after the point` : null;
  };
}

/** nvarchar holds any UTF-16 units; half of a surrogate pair is no character, and has no UTF-8. */
export function textMisfit(output: string): string | null {
  return output.isWellFormed() ? null : 'half of a surrogate pair';
}

/** The first thing that does not fit. */
export function either(first: FitCheck, second: FitCheck): FitCheck {
  return (output) => first(output) ?? second(output);
}

const MINUTE = 60_000;

/** `YYYY-MM-DD HH:MM:SS[.fffffff] +hh:mm` → the same moment in UTC, without the offset. Only minutes and above change. */
export function inUtc(output: string): string {
  const at = output.length - '+hh:mm'.length;
  const fraction = output.slice(NO_FRACTION, at - 1);
  const offset = (Number(output.slice(at + 1, at + 3)) * 60 + Number(output.slice(at + 4))) * MINUTE;
  const wall = Date.parse(`${output.slice(0, 10)}T${output.slice(11, NO_FRACTION)}Z`);
  const moment = new Date(output.charAt(at) === '-' ? wall + offset : wall - offset).toISOString();
  return `${moment.slice(0, 10)} ${moment.slice(11, NO_FRACTION)}${fraction}`;
}
