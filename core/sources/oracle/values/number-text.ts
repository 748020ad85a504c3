const ZERO = 48;
const NINE = 57;
const DASH = 45;

/**
 * A NUMBER as the server or its redo prints it (`12`, `.5`, `-.5`, `1.0E+100`, `+7.50`) → plain digits: `-` before negative ones, a digit before
 * the point, none but 0 behind it left out, no exponent. One text for each value.
 */
export function numberText(output: string): string {
  if (isPlain(output)) return output;
  const parts = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(output.trim());
  if (parts === null) return output;
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const before = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0');
  const behind = point >= digits.length ? '' : point >= 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  const integer = before.replace(/^0+/, '');
  const rest = behind.replace(/0+$/, '');
  if (integer === '' && rest === '') return '0';
  return `${sign === '-' ? '-' : ''}${integer === '' ? '0' : integer}${rest === '' ? '' : `.${rest}`}`;
}

/** TM9: longer numbers are printed with an exponent. */
const MOST_FIXED = 64;

/** A number, however it is printed, as the server prints it by TO_CHAR(n, 'TM9'): one that does not fit is told by the same text wherever it was read. */
export function printedNumber(text: string): string {
  if (text.length <= MOST_FIXED && !/[eE+]/.test(text)) return text;
  const plain = numberText(text);
  const fixed = plain.replace(/^(-?)0\./, '$1.');
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(plain) ?? [];
  if (fixed.length <= MOST_FIXED || whole === '') return fixed;
  const digits = whole + fraction;
  const first = digits.search(/[1-9]/);
  const rest = digits.slice(first + 1).replace(/0+$/, '');
  const exponent = whole.length - 1 - first;
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}${digits[first] ?? ''}.${rest === '' ? '0' : rest}E${exponent < 0 ? '-' : '+'}${power}`;
}

/** Digits alone, with or without a minus, as nearly all numbers are. */
function isPlain(text: string): boolean {
  const start = text.charCodeAt(0) === DASH ? 1 : 0;
  const first = text.charCodeAt(start);
  if (first === ZERO) return text.length === 1;
  for (let place = start; place < text.length; place++) {
    const code = text.charCodeAt(place);
    if (code < ZERO || code > NINE) return false;
  }
  return text.length > start;
}
