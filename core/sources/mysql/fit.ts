/** What is wrong with a date's text, without the value. */
export type DateFault = 'zero date' | 'before 1000-01-01' | 'a day that does not exist';

const ZERO = 48;
const LONG_MONTH_DAY = 28;
const MONTH_LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether a text that begins with `YYYY-MM-DD` is a date that the destination can hold. MySQL keeps 0000-00-00, months and days of 0,
 * and with ALLOW_INVALID_DATES days that no month has. dateFitSql in types.ts says the same in SQL; a server test compares them.
 */
export function dateFault(output: string): DateFault | null {
  const month = two(output, 5);
  const day = two(output, 8);
  if (month === 0 || day === 0) return 'zero date';
  if (output.charCodeAt(0) === ZERO) return 'before 1000-01-01';
  if (day <= LONG_MONTH_DAY) return null;
  if (day > (MONTH_LENGTHS[month - 1] ?? 0)) return 'a day that does not exist';
  return month === 2 && day === LONG_MONTH_DAY + 1 && !isLeap(Number(output.slice(0, 4)))
    ? 'a day that does not exist'
    : null;
}

function two(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
