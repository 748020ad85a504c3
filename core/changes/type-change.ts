import type { ColumnType } from './column-type.ts';
import { parseDatePattern, type DateFields, type DatePattern } from './date-pattern.ts';

/**
 * The user's choice to keep a column as another type (the seeds' TChange). It works on the value's own text at the source,
 * the same on both paths, so that a copied row equals one that came by the log.
 */
export type TypeChange =
  | { readonly tag: 'text' }
  | { readonly tag: 'integer'; readonly bits: 32 | 64 }
  | { readonly tag: 'double' }
  | { readonly tag: 'date'; readonly pattern: DatePattern }
  | { readonly tag: 'datetime'; readonly pattern: DatePattern };

/** Canonical text, or the reason why a value has none; a reason never holds the value. */
export type Changed =
  { readonly tag: 'value'; readonly text: string } | { readonly tag: 'misfit'; readonly reason: string };

/** `@I`, `@L`, `@F`, `@S`, `@D(format)`, `@T(format)`. @returns a text that says what is wrong where it is none of them */
export function parseTypeChange(text: string): TypeChange | string {
  switch (text) {
    case '@S':
      return { tag: 'text' };
    case '@I':
      return { tag: 'integer', bits: 32 };
    case '@L':
      return { tag: 'integer', bits: 64 };
    case '@F':
      return { tag: 'double' };
    default:
      return parseCalendarChange(text);
  }
}

function parseCalendarChange(text: string): TypeChange | string {
  const match = /^@([DT])\((.+)\)$/s.exec(text);
  if (match === null) return `${text} is none of @I, @L, @F, @S, @D(format), @T(format)`;
  const pattern = parseDatePattern(match[2] ?? '');
  if (typeof pattern === 'string') return `the format of ${text} cannot be used: ${pattern}`;
  return { tag: match[1] === 'D' ? 'date' : 'datetime', pattern };
}

/** The type that the column has after the change. */
export function changedType(change: TypeChange): ColumnType {
  switch (change.tag) {
    case 'text':
      return { tag: 'text', maxCharacters: null };
    case 'integer':
      return { tag: 'integer', bits: change.bits, unsigned: false };
    case 'double':
      return { tag: 'double' };
    case 'date':
      return { tag: 'date' };
    case 'datetime':
      return { tag: 'datetime', fraction: 6 };
  }
}

/** A value's own text → the canonical text of the changed type. */
export function applyTypeChange(change: TypeChange, text: string): Changed {
  switch (change.tag) {
    case 'text':
      return { tag: 'value', text };
    case 'integer':
      return toInteger(text, change.bits);
    case 'double':
      return toDouble(text);
    case 'date':
    case 'datetime':
      return toCalendar(change, text);
  }
}

const INTEGER = /^\s*([+-]?)0*(\d+)(?:\.0*)?\s*$/;
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

function toInteger(text: string, bits: 32 | 64): Changed {
  const match = INTEGER.exec(text);
  if (match === null) return misfit('not an integer');
  const magnitude = BigInt(match[2] ?? '0');
  const value = match[1] === '-' ? -magnitude : magnitude;
  return BigInt.asIntN(bits, value) === value
    ? { tag: 'value', text: value.toString() }
    : misfit(`does not fit ${bits} bits`);
}

function toDouble(text: string): Changed {
  if (!NUMBER.test(text)) return misfit('not a number');
  const value = Number(text);
  return Number.isFinite(value) ? { tag: 'value', text: String(value) } : misfit('too large for a double');
}

function toCalendar(change: TypeChange & { readonly pattern: DatePattern }, text: string): Changed {
  const fields = change.pattern.read(text);
  if (fields === null) return misfit(`not a ${change.tag} in the given format`);
  if (fields.year < 1000) return misfit('before 1000-01-01');
  const date = `${fields.year}-${two(fields.month)}-${two(fields.day)}`;
  return { tag: 'value', text: change.tag === 'date' ? date : `${date} ${clockText(fields)}` };
}

function clockText(fields: DateFields): string {
  const clock = `${two(fields.hour)}:${two(fields.minute)}:${two(fields.second)}`;
  return fields.microsecond === 0 ? clock : `${clock}.${fields.microsecond.toString().padStart(6, '0')}`;
}

function two(number: number): string {
  return number.toString().padStart(2, '0');
}

function misfit(reason: string): Changed {
  return { tag: 'misfit', reason };
}
