/** With more digits before the point than this a whole number is written with an exponent (MAX_DECPT_FOR_F_FORMAT of strings/dtoa.c). */
const MOST_PLAIN_DIGITS = 15;

const ALIKE_FROM = 1e-6;
const ALIKE_BELOW = 1e15;

/** A double as MySQL and MariaDB print it in a text result: the shortest digits that read back as it; -0 as 0. */
export function doubleText(value: number): string {
  const magnitude = Math.abs(value);
  // Here JavaScript's text is the same one; it is the fastest.
  if (magnitude < ALIKE_BELOW && (magnitude >= ALIKE_FROM || magnitude === 0)) return value === 0 ? '0' : String(value);
  if (!Number.isFinite(value)) return String(value);
  const [mantissa = '', exponent = ''] = magnitude.toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const sign = value < 0 ? '-' : '';
  return sign + layOut(digits, Number(exponent) + 1);
}

/** `point`: how many digits stand before the decimal point; not positive: zeros behind it. */
function layOut(digits: string, point: number): string {
  const isPlain = point > -MOST_PLAIN_DIGITS && (point <= MOST_PLAIN_DIGITS || digits.length > point);
  if (!isPlain) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${digits.slice(0, 1)}${fraction}e${point - 1}`;
  }
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return digits.padEnd(point, '0');
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}
