import { describe, expect, it } from 'vitest';
import { Charsets, singleByte } from './charset.ts';
import type { QueryEvent } from '../binlog/query-event.ts';
import { statementText } from '../statements/statement-text.ts';

const charsets = new Charsets(
  new Map([
    [8, 'latin1'],
    [45, 'utf8mb4'],
    [28, 'gbk'],
    [99, 'klingon'],
    [54, 'utf16'],
    [63, 'binary'],
  ]),
);
const decoded = (charset: string, hex: string) => {
  const bytes = Buffer.from(`ff${hex}ff`, 'hex');
  return charsets.decoderOf(charset)?.(bytes, 1, bytes.length - 1) ?? null;
};

describe('character sets', () => {
  it.each([
    ['utf8mb4', 'f09f8e89c3a9', '🎉é'],
    ['utf8mb3', 'c3a9', 'é'],
    ['ascii', '7e41', '~A'],
    ['ucs2', '00e920ac', 'é€'],
    ['utf16', 'd83cdf8900e9', '🎉é'],
    ['utf16le', '3cd889dfe900', '🎉é'],
    ['utf32', '0001f389000000e9', '🎉é'],
  ])('%s', (charset, hex, expected) => {
    expect(decoded(charset, hex)).toBe(expected);
  });

  it('of one byte are learned from the server; the old multi-byte ones cannot be', () => {
    expect([decoded('latin1', '80'), charsets.mustLearn('latin1')]).toEqual([null, true]);
    expect([charsets.mustLearn('gbk'), charsets.mustLearn('utf8mb4'), charsets.mustLearn('binary')]).toEqual([
      false,
      false,
      false,
    ]);
    expect([charsets.charsetOf(8), charsets.charsetOf(7)]).toEqual(['latin1', null]);
  });

  it('of one byte that differ from ASCII are read so too', () => {
    const characters = Array.from({ length: 256 }, (_, byte) =>
      byte === 0x5b ? 'Ä' : byte === 0x80 ? '€' : String.fromCharCode(byte),
    );
    const swedish = singleByte(characters);
    expect(swedish(Buffer.from('a[b'), 0, 3)).toBe('aÄb');
    const western = singleByte(characters.map((character, byte) => (byte === 0x5b ? '[' : character)));
    expect(western(Buffer.from([0x61, 0x80, 0x5b]), 0, 3)).toBe('a€[');
  });
});

describe('the text of a statement', () => {
  const text = (bytes: Buffer, clientCollation: number | null) => {
    const query: QueryEvent = { schema: '', text: bytes, sqlMode: null, clientCollation, alterPhase: null };
    return statementText(query, charsets);
  };
  it.each([
    ['ASCII in any set', Buffer.from('DROP TABLE t'), 99, 'DROP TABLE t'],
    ['UTF-8', Buffer.from('DROP TABLE é'), 45, 'DROP TABLE é'],
    ['a set of one byte', Buffer.from([0x80]), 8, '€'],
    ['a set that is not known', Buffer.from([0x80]), 99, null],
    ['a collation that is not known', Buffer.from([0x80]), 5000, null],
    ['no collation', Buffer.from([0x80]), null, null],
  ])('%s', (_, bytes, collation, expected) => {
    expect(text(bytes, collation)).toBe(expected);
  });

  it('a set in which a quote can be half a character', () => {
    const read = text(Buffer.from([0x8a, 0x60]), 28);
    expect(read).toHaveLength(1);
    expect(read).not.toBe('`');
  });
});
