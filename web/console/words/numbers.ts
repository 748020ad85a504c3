/** Numbers as people read them; every one with its unit. */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function wholeNumber(value: number): string {
  return WHOLE.format(value);
}

/** For an axis: 1.2K, 3M. */
export function shortNumber(value: number): string {
  return SHORT.format(value);
}

/** `1 table`, `10,000 tables`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${wholeNumber(value)} ${value === 1 ? one : many}`;
}

export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${UNITS[unit] ?? ''}`;
}
