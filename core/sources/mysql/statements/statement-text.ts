import type { Charsets } from '../values/charset.ts';
import type { QueryEvent } from '../binlog/query-event.ts';

/** MySQL's names of character sets whose characters can hold bytes of ASCII's quotes, or that are not known by their own decoder here. */
const WEB_NAMES: Readonly<Record<string, string>> = {
  latin1: 'windows-1252',
  latin2: 'iso-8859-2',
  latin5: 'windows-1254',
  latin7: 'iso-8859-13',
  greek: 'iso-8859-7',
  hebrew: 'iso-8859-8',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1256: 'windows-1256',
  cp1257: 'windows-1257',
  cp866: 'ibm866',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  tis620: 'windows-874',
  big5: 'big5',
  cp932: 'shift_jis',
  sjis: 'shift_jis',
  eucjpms: 'euc-jp',
  ujis: 'euc-jp',
  euckr: 'euc-kr',
  gb18030: 'gb18030',
  gb2312: 'gbk',
  gbk: 'gbk',
};

/** A statement as text, for the names in it; null where its character set is not known. Most have no character beyond ASCII. */
export function statementText({ text, clientCollation }: QueryEvent, charsets: Charsets): string | null {
  if (text.every((byte) => byte < 0x80)) return text.toString('latin1');
  const charset = clientCollation === null ? null : charsets.charsetOf(clientCollation);
  if (charset === null) return null;
  const decode = charsets.decoderOf(charset);
  if (decode !== null) return decode(text, 0, text.length);
  const name = WEB_NAMES[charset];
  return name === undefined ? null : new TextDecoder(name).decode(text);
}
