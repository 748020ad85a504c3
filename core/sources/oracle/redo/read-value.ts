import type { RedoValue } from './redo-statement.ts';
import type { Scanner } from './scanner.ts';

export const NULL_VALUE: RedoValue = { tag: 'null' };
const EMPTY_STRING: RedoValue = { tag: 'emptyString' };
const EMPTY_CLOB: RedoValue = { tag: 'emptyClob' };
const EMPTY_BLOB: RedoValue = { tag: 'emptyBlob' };
const UNSUPPORTED: RedoValue = { tag: 'unsupported' };

/** Reads the plain string that begins here: as SQL has it, or where its end has to be guessed (relaxed-string.ts). */
export type ReadString = (scanner: Scanner) => string;

/** Reads a value: one term, or strings joined by `||`. */
export function readValue(scanner: Scanner, readString: ReadString): RedoValue {
  const value = readTerm(scanner, readString);
  return scanner.code === 0x7c || isSpaceBeforeBar(scanner) ? joined(scanner, value, readString) : value;
}

function isSpaceBeforeBar(scanner: Scanner): boolean {
  return scanner.code === 0x20 && scanner.text.startsWith(' ||', scanner.at);
}

function readTerm(scanner: Scanner, readString: ReadString): RedoValue {
  const { code } = scanner;
  if (code === 0x27) return { tag: 'text', text: readString(scanner) };
  switch (code) {
    case 0x4e: // N
      if (scanner.take('NULL')) return NULL_VALUE;
      break;
    case 0x54: // T
      return readConversion(scanner);
    case 0x48: // H
      if (scanner.take('HEXTORAW(')) return readHex(scanner);
      break;
    case 0x55: // U
      if (scanner.take('UNISTR(')) return readUnicode(scanner);
      if (scanner.take('Unsupported')) {
        scanner.take(' Type');
        return UNSUPPORTED;
      }
      break;
    case 0x45: // E
      if (scanner.take('EMPTY_CLOB()')) return EMPTY_CLOB;
      if (scanner.take('EMPTY_BLOB()')) return EMPTY_BLOB;
      break;
    case 0x4c: // L
      if (scanner.take('LM_EMPTY_STRING')) return EMPTY_STRING;
      break;
    case 0x58: // X
      if (scanner.take('XMLType(:')) return readBind(scanner);
      break;
    case 0x2f: // a remark before the value of a JSON column
      if (scanner.take('/* JSON */')) {
        scanner.skipSpace();
        if (scanner.code !== 0x2f) return readTerm(scanner, readString);
      }
      break;
    default:
      return readPlain(scanner);
  }
  return scanner.fail('expected a value');
}

function readPlain(scanner: Scanner): RedoValue {
  return scanner.take('FALSE') ? { tag: 'text', text: 'FALSE' } : readNumber(scanner);
}

function readConversion(scanner: Scanner): RedoValue {
  if (scanner.take('TRUE')) return { tag: 'text', text: 'TRUE' };
  if (scanner.take('TO_DATE(')) {
    const text = argument(scanner);
    let format: string | null = null;
    if (scanner.take(',')) format = argument(scanner);
    if (!scanner.take(')')) scanner.fail('expected )');
    return { tag: 'date', text, format };
  }
  // The longer name first.
  if (scanner.take('TO_TIMESTAMP_TZ(')) return { tag: 'timestampZone', text: onlyArgument(scanner) };
  if (scanner.take('TO_TIMESTAMP(')) return { tag: 'timestamp', text: onlyArgument(scanner) };
  if (scanner.take('TO_YMINTERVAL(')) return { tag: 'yearToMonth', text: onlyArgument(scanner) };
  if (scanner.take('TO_DSINTERVAL(')) return { tag: 'dayToSecond', text: onlyArgument(scanner) };
  return scanner.fail('expected a value');
}

function argument(scanner: Scanner): string {
  scanner.skipSpace();
  const text = scanner.string();
  scanner.skipSpace();
  return text;
}

function onlyArgument(scanner: Scanner): string {
  const text = argument(scanner);
  if (!scanner.take(')')) scanner.fail('expected )');
  return text;
}

function readHex(scanner: Scanner): RedoValue {
  const start = scanner.at;
  const hex = onlyArgument(scanner);
  if (hex.length % 2 !== 0) scanner.fail('half a byte in HEXTORAW', start);
  for (let index = 0; index < hex.length; index++) {
    if (!isHexDigit(hex.charCodeAt(index))) scanner.fail('no hexadecimal digits in HEXTORAW', start);
  }
  return { tag: 'raw', hex };
}

function isHexDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

/** `\XXXX` is a UTF-16 code unit, `\\` a backslash. */
function readUnicode(scanner: Scanner): RedoValue {
  const start = scanner.at;
  const escaped = onlyArgument(scanner);
  let backslash = escaped.indexOf('\\');
  if (backslash < 0) return { tag: 'unicode', text: escaped };
  let text = '';
  let from = 0;
  while (backslash >= 0) {
    text += escaped.slice(from, backslash);
    if (escaped.charCodeAt(backslash + 1) === 0x5c) {
      text += '\\';
      from = backslash + 2;
    } else {
      text += String.fromCharCode(codeUnit(escaped, backslash + 1) ?? scanner.fail('no escape of UNISTR', start));
      from = backslash + 5;
    }
    backslash = escaped.indexOf('\\', from);
  }
  return { tag: 'unicode', text: text + escaped.slice(from) };
}

function codeUnit(text: string, at: number): number | null {
  if (at + 4 > text.length) return null;
  for (let index = at; index < at + 4; index++) if (!isHexDigit(text.charCodeAt(index))) return null;
  return Number.parseInt(text.slice(at, at + 4), 16);
}

function readBind(scanner: Scanner): RedoValue {
  const bind = String(scanner.wholeNumber());
  if (!scanner.take(')')) scanner.fail('expected )');
  return { tag: 'xml', bind };
}

/** An optional sign, digits with a point somewhere, an optional exponent. */
function readNumber(scanner: Scanner): RedoValue {
  const start = scanner.at;
  skipSign(scanner);
  let digits = skipDigits(scanner);
  if (scanner.code === 0x2e) {
    scanner.at++;
    digits += skipDigits(scanner);
  }
  if (digits === 0) scanner.fail('expected a value', start);
  if (scanner.code === 0x45 || scanner.code === 0x65) {
    scanner.at++;
    skipSign(scanner);
    if (skipDigits(scanner) === 0) scanner.fail('expected an exponent');
  }
  return { tag: 'number', text: scanner.text.slice(start, scanner.at) };
}

function skipSign(scanner: Scanner): void {
  if (scanner.code === 0x2d || scanner.code === 0x2b) scanner.at++;
}

function skipDigits(scanner: Scanner): number {
  const start = scanner.at;
  while (scanner.code >= 0x30 && scanner.code <= 0x39) scanner.at++;
  return scanner.at - start;
}

/** Strings of one kind, or bytes, are joined; a plain string and UNISTR make one of the national character set. */
function joined(scanner: Scanner, first: RedoValue, readString: ReadString): RedoValue {
  let value = first;
  for (;;) {
    const before = scanner.at;
    scanner.skipSpace();
    if (!scanner.take('||')) {
      scanner.at = before;
      return value;
    }
    scanner.skipSpace();
    const start = scanner.at;
    value = join(value, readTerm(scanner, readString)) ?? scanner.fail('|| between what are not two strings', start);
  }
}

function join(left: RedoValue, right: RedoValue): RedoValue | null {
  if (left.tag === 'raw') return right.tag === 'raw' ? { tag: 'raw', hex: left.hex + right.hex } : null;
  if (left.tag === 'emptyString') return isString(right) ? right : null;
  if (!isString(left)) return null;
  if (right.tag === 'emptyString') return left;
  if (!isString(right)) return null;
  const tag = left.tag === 'unicode' || right.tag === 'unicode' ? 'unicode' : 'text';
  return { tag, text: left.text + right.text };
}

function isString(value: RedoValue): value is Extract<RedoValue, { readonly tag: 'text' | 'unicode' }> {
  return value.tag === 'text' || value.tag === 'unicode';
}
