/** What the driver gives for a value of {@link outputSql}. */
export type DriverValue = string | number | Buffer | null;

/** The output text of a value: a binary float with the digits that tell it from others, bytes as upper-case hexadecimal digits. */
export function outputText(value: DriverValue): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return value.toString('hex').toUpperCase();
}
