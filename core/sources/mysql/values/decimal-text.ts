/** Bytes of the digits of a group that is not full: DECIMAL keeps nine digits in four bytes (strings/decimal.c, decimal2bin). */
const PARTIAL_BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4];
const GROUP_DIGITS = 9;
const GROUP_BYTES = 4;

export function decimalBytes(precision: number, scale: number): number {
  return digitsBytes(precision - scale) + digitsBytes(scale);
}

function digitsBytes(digits: number): number {
  return Math.floor(digits / GROUP_DIGITS) * GROUP_BYTES + (PARTIAL_BYTES[digits % GROUP_DIGITS] ?? 0);
}

/** Reads DECIMAL(precision, scale): all digits of the scale; big-endian, the sign inverted into the first bit, negative ones inverted. */
export function decimalText(bytes: Buffer, at: number, precision: number, scale: number): string {
  const isNegative = ((bytes[at] ?? 0) & 0x80) === 0;
  const whole = precision - scale;
  const first = whole % GROUP_DIGITS;
  let offset = at;
  let text = '';
  if (first > 0) {
    text = String(group(bytes, offset, PARTIAL_BYTES[first] ?? 0, isNegative, true));
    offset += PARTIAL_BYTES[first] ?? 0;
    if (text === '0') text = '';
  }
  for (let rest = whole - first; rest > 0; rest -= GROUP_DIGITS) {
    const digits = String(group(bytes, offset, GROUP_BYTES, isNegative, offset === at));
    offset += GROUP_BYTES;
    text = text === '' ? (digits === '0' ? '' : digits) : text + digits.padStart(GROUP_DIGITS, '0');
  }
  if (text === '') text = '0';
  if (scale > 0) text += `.${fraction(bytes, offset, scale, isNegative, offset === at)}`;
  return isNegative ? `-${text}` : text;
}

function fraction(bytes: Buffer, at: number, scale: number, isNegative: boolean, isFirst: boolean): string {
  let text = '';
  let offset = at;
  for (let rest = scale; rest > 0; rest -= GROUP_DIGITS) {
    const digits = Math.min(rest, GROUP_DIGITS);
    const size = digits === GROUP_DIGITS ? GROUP_BYTES : (PARTIAL_BYTES[digits] ?? 0);
    text += String(group(bytes, offset, size, isNegative, isFirst && offset === at)).padStart(digits, '0');
    offset += size;
  }
  return text;
}

/** One group's number; the first one of a value carries the sign. */
function group(bytes: Buffer, at: number, size: number, isNegative: boolean, isFirst: boolean): number {
  let number = 0;
  for (let index = 0; index < size; index++) {
    let byte = bytes[at + index] ?? 0;
    if (isFirst && index === 0) byte ^= 0x80;
    if (isNegative) byte ^= 0xff;
    number = number * 256 + byte;
  }
  return number;
}
