import type { FitCheck } from '../reading.ts';

// Whether an output text of PostgreSQL fits its canonical type, without parsing it.
// Each check has a twin in SQL in types.ts; a server test compares them.

const ZERO = 48;
const ONE = 49;
const NINE = 57;
const DASH = 45;
const DATE_LENGTH = 10;

const TOO_EARLY = 'before 1000-01-01';
const TOO_LATE = 'after 9999-12-31';

/** `YYYY-MM-DD`: earlier ones begin with 0 or end with BC, later ones are longer. */
export function dateMisfit(output: string): string | null {
  if (output.length === DATE_LENGTH && startsWithThousand(output)) return null;
  return calendarMisfit(output);
}

/** `YYYY-MM-DD HH:MM:SS[.f]` */
export function datetimeMisfit(output: string): string | null {
  if (startsWithThousand(output) && !output.endsWith('BC')) return null;
  return calendarMisfit(output);
}

/** `YYYY-MM-DD HH:MM:SS[.f]+00` */
export function zonedDatetimeMisfit(output: string): string | null {
  return datetimeMisfit(output);
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

/** `whole`: digits before the point, `scale`: behind it; null where the source's type bounds them already. */
export function decimalMisfit(whole: number | null, scale: number | null): FitCheck {
  return (output) => {
    const last = output.charCodeAt(output.length - 1);
    if (last < ZERO || last > NINE) return output === 'NaN' ? 'not a number' : 'infinity';
    if (whole === null || scale === null) return null;
    const start = output.charCodeAt(0) === DASH ? 1 : 0;
    const point = output.indexOf('.');
    const end = point === -1 ? output.length : point;
    if (end - start > whole) return `more than ${whole} digits before the point`;
    return point !== -1 && output.length - point - 1 > scale ? `more than ${scale} digits after the point` : null;
  };
}

function startsWithThousand(output: string): boolean {
  const first = output.charCodeAt(0);
  return first >= ONE && first <= NINE && output.charCodeAt(4) === DASH;
}

function calendarMisfit(output: string): string {
  if (output === 'infinity' || output === '-infinity') return 'infinity';
  if (output.endsWith('BC') || output.charCodeAt(0) === ZERO) return TOO_EARLY;
  return TOO_LATE;
}
