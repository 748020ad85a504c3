import { describe, expect, it } from 'vitest';
import { jsonText } from './json-binary.ts';

/** Bytes of hexadecimal digits, spaces between them left out. */
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(/\s/g, ''), 'hex');
/** In the middle of a larger buffer. */
const text = (digits: string): string => {
  const bytes = hex(digits);
  return jsonText(Buffer.concat([hex('ffff'), bytes, hex('ffffffff')]), 2, 2 + bytes.length);
};
const ascii = (characters: string) => Buffer.from(characters).toString('hex');
const double = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes.toString('hex');
};
const packed = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes.toString('hex');
};

// The layout is that of MySQL's json_binary.h; MariaDB, which runs here, does not write it.
describe('binary JSON', () => {
  it.each([
    ['a value without bytes', '', 'null'],
    ['null', '04 00', 'null'],
    ['true', '04 01', 'true'],
    ['false', '04 02', 'false'],
    ['int16', '05 ff ff', '-1'],
    ['uint16', '06 ff ff', '65535'],
    ['int32', '07 00 00 00 80', '-2147483648'],
    ['uint32', '08 ff ff ff ff', '4294967295'],
    ['int64', '09 00 00 00 00 00 00 00 80', '-9223372036854775808'],
    ['uint64', '0a ff ff ff ff ff ff ff ff', '18446744073709551615'],
    ['double', `0b ${double(1.5)}`, '1.5'],
    ['a whole double', `0b ${double(1)}`, '1.0'],
    ['a large double', `0b ${double(1e20)}`, '1e20'],
    ['minus zero', `0b ${double(-0)}`, '-0.0'],
    ['a string', `0c 03 ${ascii('abc')}`, '"abc"'],
    ['escapes', `0c 0a 22 5c 08 0c 0a 0d 09 01 2f 7f`, '"\\"\\\\\\b\\f\\n\\r\\t\\u0001/\u007f"'],
    ['characters of four bytes', `0c 04 f0 9f 8e 89`, '"🎉"'],
    ['a long string', `0c c8 01 ${ascii('x'.repeat(200))}`, `"${'x'.repeat(200)}"`],
    ['an empty object', '00 00 00 04 00', '{}'],
    ['an empty array', '02 00 00 04 00', '[]'],
    [
      'a small array: inline numbers and a string',
      `02 0300 1100 05 0100 04 0000 0c 0d00 03 ${ascii('abc')}`,
      '[1, null, "abc"]',
    ],
    [
      'a small object: its keys and an array in it',
      `00 0200 1e00 1200 0100 1300 0200 05 0700 02 1500 ${ascii('a')} ${ascii('bc')} 0100 0900 0c 0700 01 ${ascii('z')}`,
      '{"a": 7, "bc": ["z"]}',
    ],
    ['a large array: 32 bits are inline', '03 02000000 12000000 07 feffffff 08 ffffffff', '[-2, 4294967295]'],
    ['a large object', `01 01000000 15000000 13000000 0100 04 01000000 ${ascii('ké').slice(0, 2)}ff`, '{"k": true}'],
    // DECIMAL(4,2): opaque type, length, precision and scale, then the digits.
    ['a decimal', '0f f6 04 04 02 8c 22', '12.34'],
    ['a date', `0f 0a 08 ${packed((BigInt((2015 * 13 + 1) * 32 + 15) << 17n) << 24n)}`, '"2015-01-15"'],
    ['a time', `0f 0b 08 ${packed(-((BigInt((1 << 12) | (2 << 6) | 3) << 24n) + 4n))}`, '"-01:02:03.000004"'],
    [
      'a datetime',
      `0f 0c 08 ${packed(((BigInt((2015 * 13 + 1) * 32 + 15) << 17n) | BigInt((23 << 12) | (24 << 6) | 25)) << 24n)}`,
      '"2015-01-15 23:24:25.000000"',
    ],
    ['bytes', '0f fc 03 00ff01', '"base64:type252:AP8B"'],
    ['many bytes, in lines of 76', `0f fc 3a ${'00'.repeat(58)}`, `"base64:type252:${'A'.repeat(76)}\\nAA=="`],
    ['bytes that fill a line', `0f fc 39 ${'00'.repeat(57)}`, `"base64:type252:${'A'.repeat(76)}"`],
  ])('%s', (_, digits, expected) => {
    expect(text(digits)).toBe(expected);
  });

  it.each([
    ['a type that is not known', '0e 00'],
    ['a literal that is not known', '04 03'],
    ['a number that ends early', '09 00'],
    ['a string that ends early', '0c 05 61'],
    ['a length without end', '0c ff ff ff ff ff ff'],
    ['a container larger than its bytes', '02 0100 ff00 05 0100'],
    ['more elements than bytes', '02 ff00 0700 05 0100'],
    ['an array in itself', '02 0100 0700 02 0000'],
  ])('refuses %s', (_, digits) => {
    expect(() => text(digits)).toThrow(expect.objectContaining({ code: 'PS2008' }));
  });
});
