/** The multi-byte character sets of MySQL and MariaDB with the most bytes of a character; all others have one (SHOW CHARACTER SET). */
const WIDTHS: Readonly<Record<string, number>> = {
  utf8mb4: 4,
  utf8mb3: 3,
  utf8: 3,
  ucs2: 2,
  utf16: 4,
  utf16le: 4,
  utf32: 4,
  big5: 2,
  cp932: 2,
  eucjpms: 3,
  euckr: 2,
  gb18030: 4,
  gb2312: 2,
  gbk: 2,
  sjis: 2,
  ujis: 3,
};

const DECODABLE = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ucs2', 'utf16', 'utf16le', 'utf32']);

/** The most bytes that a character of this set has. */
export function bytesPerCharacter(charset: string): number {
  return WIDTHS[charset] ?? 1;
}

/**
 * Whether the log decoder reads texts of this set: Unicode by code, sets of one byte by a table that the server gives.
 * For the old multi-byte sets of East Asia no two programs agree on all characters, so they are refused.
 */
export function isDecodable(charset: string): boolean {
  return bytesPerCharacter(charset) === 1 || DECODABLE.has(charset);
}
