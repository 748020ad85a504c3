import { UsageError } from './error-text.ts';

/** An option's text as a whole number of at least 1 and at most `most`; null where it was not given. @throws UsageError */
export function wholeNumber(option: string, text: string | boolean | undefined, most: number): number | null {
  if (text === undefined) return null;
  const value = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${most}`;
  throw new UsageError(`${option} ${String(text)}: expected a whole number ${range}`);
}
