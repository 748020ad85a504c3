/**
 * The canonical types. Every source type maps to one, every canonical type to one destination type,
 * and each has one text for each value, so that a copied row equals the same row that came by the log.
 *
 * | type | canonical text |
 * |---|---|
 * | boolean | `0` or `1` |
 * | integer | decimal digits, a `-` before negative ones |
 * | decimal | digits with at most one `.`; no exponent, NaN or infinity |
 * | double | the shortest text that reads back as the same IEEE 754 double; no NaN or infinity. MySQL and MariaDB keep -0 as 0 |
 * | date | `YYYY-MM-DD`, 1000-01-01 to 9999-12-31 |
 * | time | `[-]HH:MM:SS[.ffffff]`, ±838:59:59.999999 |
 * | datetime | `YYYY-MM-DD HH:MM:SS[.ffffff]`, in the source's wall time, or UTC where the source has a zone |
 * | text | the characters |
 * | binary | upper or lower case hexadecimal, two digits a byte, no prefix |
 */
export type ColumnType =
  | { readonly tag: 'boolean' }
  | { readonly tag: 'integer'; readonly bits: 8 | 16 | 24 | 32 | 64; readonly unsigned: boolean }
  | { readonly tag: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly tag: 'double' }
  | { readonly tag: 'date' }
  | { readonly tag: 'time'; readonly fraction: number }
  | { readonly tag: 'datetime'; readonly fraction: number }
  | { readonly tag: 'text'; readonly maxCharacters: number | null }
  | { readonly tag: 'binary'; readonly maxBytes: number | null };

/** The widest decimal that every destination holds (SingleStore and MySQL: 65 digits, scale 30). */
export const WIDEST_DECIMAL = { tag: 'decimal', precision: 65, scale: 30 } as const satisfies ColumnType;

export function sameType(a: ColumnType, b: ColumnType): boolean {
  return describeType(a) === describeType(b);
}

/** A short text for messages and fingerprints: `decimal(10,2)`, `integer(32)`, `text(20)`. */
export function describeType(type: ColumnType): string {
  switch (type.tag) {
    case 'boolean':
    case 'double':
    case 'date':
      return type.tag;
    case 'integer':
      return `${type.unsigned ? 'unsigned ' : ''}integer(${type.bits})`;
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'time':
    case 'datetime':
      return `${type.tag}(${type.fraction})`;
    case 'text':
      return type.maxCharacters === null ? 'text' : `text(${type.maxCharacters})`;
    case 'binary':
      return type.maxBytes === null ? 'binary' : `binary(${type.maxBytes})`;
  }
}

/** True when every value of `from` is a value of `to` with the same canonical text: the change is safe to apply by itself. */
export function isWidening(from: ColumnType, to: ColumnType): boolean {
  if (sameType(from, to)) return true;
  if (from.tag === 'integer' && to.tag === 'integer') return integerFits(from, to);
  if (from.tag === 'integer' && to.tag === 'decimal') return to.precision - to.scale >= 20;
  if (from.tag === 'decimal' && to.tag === 'decimal') {
    return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
  }
  if ((from.tag === 'time' || from.tag === 'datetime') && from.tag === to.tag) return to.fraction >= from.fraction;
  if (from.tag === 'text' && to.tag === 'text') return noNarrower(from.maxCharacters, to.maxCharacters);
  if (from.tag === 'binary' && to.tag === 'binary') return noNarrower(from.maxBytes, to.maxBytes);
  return false;
}

function integerFits(
  from: Extract<ColumnType, { tag: 'integer' }>,
  to: Extract<ColumnType, { tag: 'integer' }>,
): boolean {
  if (from.unsigned === to.unsigned) return to.bits >= from.bits;
  return from.unsigned && to.bits > from.bits;
}

function noNarrower(from: number | null, to: number | null): boolean {
  return to === null || (from !== null && to >= from);
}
