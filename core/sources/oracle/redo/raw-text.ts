/** Reads text in one of Oracle's character sets; null: the bytes are no text of it. */
export type TextReader = (bytes: Buffer) => string | null;

/** What windows-1252 has from 0x80 on in place of controls; 0: nothing. Unicode Consortium, CP1252.TXT. */
const WINDOWS_1252 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
  0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];

/**
 * By the name of the character set as NLS_CHARACTERSET or NLS_NCHAR_CHARACTERSET tells it. Other sets are not read:
 * their rows are read again from the table.
 */
export const TEXT_READERS: Readonly<Record<string, TextReader>> = {
  AL32UTF8: readUtf8,
  // Has characters outside of the basic plane as two surrogates of three bytes each (CESU-8).
  UTF8: readCesu8,
  AL16UTF16: readUtf16,
  US7ASCII: (bytes) => (bytes.some((byte) => byte > 0x7f) ? null : bytes.toString('latin1')),
  WE8ISO8859P1: (bytes) => bytes.toString('latin1'),
  WE8MSWIN1252: readWindows1252,
};

function readUtf8(bytes: Buffer): string | null {
  const text = bytes.toString('utf8');
  // What is no UTF-8 was replaced by a character that there was not.
  return text.includes('\ufffd') && !bytes.equals(Buffer.from(text)) ? null : text;
}

function readCesu8(bytes: Buffer): string | null {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const head = bytes[at] ?? 0;
    const more = head < 0x80 ? 0 : head >= 0xc2 && head < 0xe0 ? 1 : head >= 0xe0 && head < 0xf0 ? 2 : -1;
    if (more < 0 || at + more >= bytes.length) return null;
    let unit = more === 0 ? head : head & (more === 1 ? 0x1f : 0x0f);
    for (let index = at + 1; index <= at + more; index++) {
      const byte = bytes[index] ?? 0;
      if ((byte & 0xc0) !== 0x80) return null;
      unit = (unit << 6) | (byte & 0x3f);
    }
    text += String.fromCharCode(unit);
    at += more + 1;
  }
  return text.isWellFormed() ? text : null;
}

function readUtf16(bytes: Buffer): string | null {
  if (bytes.length % 2 !== 0) return null;
  const text = Buffer.from(bytes).swap16().toString('utf16le');
  return text.isWellFormed() ? text : null;
}

function readWindows1252(bytes: Buffer): string | null {
  let text = '';
  for (const byte of bytes) {
    const code = byte >= 0x80 && byte < 0xa0 ? (WINDOWS_1252[byte - 0x80] ?? 0) : byte;
    if (code === 0 && byte !== 0) return null;
    text += String.fromCharCode(code);
  }
  return text;
}
