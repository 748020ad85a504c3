import { createHash } from 'node:crypto';

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
