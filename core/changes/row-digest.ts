import { createHash } from 'node:crypto';
import type { ColumnType } from './column-type.ts';

/**
 * The identity of a row of a table without a key: MD5 over all columns in schema order,
 * each `<length in bytes>:<canonical text>`, or `-` for NULL. 32 lower-case hexadecimal digits.
 * The length makes it unambiguous. A source's SQL computes the same for copies.
 */
export function rowHash(values: readonly (string | null | undefined)[]): string {
  let text = '';
  for (const value of values) {
    text += value === null || value === undefined ? '-' : `${Buffer.byteLength(value)}:${value}`;
  }
  return createHash('md5').update(text).digest('hex');
}

/** The digest of a row as ChunkChecksum has it: MD5 as of {@link rowHash} over the columns but doubles, each with all digits. */
export function rowDigest(types: readonly ColumnType[], values: readonly (string | null | undefined)[]): string {
  const texts = types.flatMap((type, index) => {
    if (type.tag === 'double') return [];
    const value = values[index] ?? null;
    return [value === null ? null : digestText(type, value)];
  });
  return rowHash(texts);
}

/** Canonical text with all digits of its type's fraction or scale. */
export function digestText(type: ColumnType, text: string): string {
  switch (type.tag) {
    case 'time':
    case 'datetime':
      return withFraction(text, type.fraction);
    case 'decimal':
      return withFraction(text, type.scale);
    case 'binary':
      return text.toLowerCase();
    case 'boolean':
    case 'integer':
    case 'double':
    case 'date':
    case 'text':
      return text;
  }
}

/** {@link digestText}, and doubles as JavaScript prints them, because databases do it each in its own way: two texts of one value are the same. */
export function comparableText(type: ColumnType, text: string): string {
  return type.tag === 'double' ? String(Number(text)) : digestText(type, text);
}

/** Behind the point so many digits; with none of them there is no point. */
function withFraction(text: string, digits: number): string {
  if (digits === 0) return text;
  const [whole = '', fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(digits, '0')}`;
}
