/** What the driver gives for a value of {@link outputSql}. */
export type DriverValue = string | number | boolean | Buffer | null;

/** The output text of a value: a number with the digits that tell it from others, bytes as upper-case hexadecimal digits. */
export function outputText(value: DriverValue): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  return value.toString('hex').toUpperCase();
}
