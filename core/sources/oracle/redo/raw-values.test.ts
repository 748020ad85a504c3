import { describe, expect, it } from 'vitest';
import {
  rawDate,
  rawFloat,
  rawNumber,
  rawTimestamp,
  rawZoned,
} from '../../../../test/fixtures/oracle-fake/raw-bytes.ts';
import { randomDateTime, randomNumber } from '../../../../test/fixtures/oracle-fake/random-redo.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import { TEXT_READERS } from './raw-text.ts';
import {
  readRawDate,
  readRawDaySecond,
  readRawFloat,
  readRawNumber,
  readRawTimestamp,
  readRawYearMonth,
  readRawZoned,
} from './raw-values.ts';
import { inUtc } from './times.ts';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const seed = Number(process.env['SEED'] ?? 20_262);

/** From Oracle's documentation, and DUMP of numbers known by heart. */
const NUMBERS: readonly (readonly [string, string | null])[] = [
  ['80', '0'],
  ['c102', '1'],
  ['c202', '100'],
  ['c10a', '9'],
  ['c10b', '10'],
  ['c3020202', '10101'],
  ['3e6466', '-1'],
  ['3e3b3366', '-42.5'],
  ['c033', '.5'],
  ['bf02', '.0001'],
  ['c98064', null],
  ['', null],
  ['c1', null],
];

describe(`values in Oracle's bytes (SEED=${seed})`, () => {
  it.each(NUMBERS)('number %s is %s', (hex, text) => {
    expect(readRawNumber(bytes(hex))).toBe(text);
  });

  it('numbers of every size', () => {
    const random = new Random(seed);
    for (let count = 0; count < 5000; count++) {
      const text = randomNumber(random);
      const digits = text.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
      if (digits.length > 38) continue;
      const expected = text.replace(/^(-?)0+(?=\.)/, '$1').replace(/(\.\d*?)0+$/, '$1');
      expect(readRawNumber(bytes(rawNumber(text))), text).toBe(digits === '' ? '0' : expected);
    }
  });

  it('dates, timestamps and zones', () => {
    const random = new Random(seed + 1);
    for (let count = 0; count < 2000; count++) {
      const dateTime = randomDateTime(random);
      const fraction = String(random.below(1e9)).padStart(9, '0');
      const offsetMinutes = random.below(1680) - 840;
      expect(readRawDate(bytes(rawDate(dateTime)))).toBe(dateTime);
      expect(readRawTimestamp(bytes(rawTimestamp(dateTime, fraction)))).toEqual({ dateTime, fraction });
      const zoned = readRawZoned(bytes(rawZoned(dateTime, fraction, offsetMinutes)));
      if (zoned === null) continue;
      expect(zoned.offsetMinutes).toBe(offsetMinutes);
      expect(inUtc(zoned)).toEqual({ dateTime, fraction });
    }
    expect(readRawDate(bytes('787e021c0e2e3c'))).toBe('2026-02-28 13:45:59');
    expect(readRawDate(bytes('787e0d1c0e2e3c'))).toBeNull();
    expect(readRawTimestamp(bytes('787e021c0e2e3c'))).toEqual({ dateTime: '2026-02-28 13:45:59', fraction: '' });
    // Europe/Berlin by its number.
    expect(readRawZoned(bytes('787e021c0e2e3c0000000085b0'))).toBeNull();
  });

  it('floating-point numbers, exactly', () => {
    const random = new Random(seed + 2);
    for (let count = 0; count < 2000; count++) {
      const number = (random.fraction() - 0.5) * 10 ** (random.below(600) - 300);
      expect(readRawFloat(bytes(rawFloat(number, 64)))).toBe(number);
      expect(readRawFloat(bytes(rawFloat(number, 32)))).toBe(Math.fround(number));
    }
    for (const number of [0, -0, Infinity, -Infinity, NaN, 5e-324]) {
      expect(readRawFloat(bytes(rawFloat(number, 64)))).toBe(number);
    }
    expect(readRawFloat(bytes('bf800000'))).toBe(1);
  });

  it('intervals', () => {
    expect(readRawYearMonth(bytes('800000023f'))).toEqual({ isNegative: false, years: 2, months: 3 });
    expect(readRawYearMonth(bytes('7ffffffe39'))).toEqual({ isNegative: true, years: 2, months: 3 });
    expect(readRawYearMonth(bytes('800000027f'))).toBeNull();
    expect(readRawDaySecond(bytes('800000053f3c3c80000001'))).toEqual({
      isNegative: false,
      days: 5,
      clock: '03:00:00',
      fraction: '000000001',
    });
    expect(readRawDaySecond(bytes('7ffffffb393c3c80000000'))).toMatchObject({ isNegative: true, days: 5 });
    expect(readRawDaySecond(bytes('7ffffffb3f3c3c80000000'))).toBeNull();
  });
});

const TEXTS: readonly (readonly [string, string, string | null])[] = [
  ['AL32UTF8', 'f09f8e89c3a9', '🎉é'],
  ['AL32UTF8', 'c3', null],
  ['AL32UTF8', 'efbfbd', '\ufffd'],
  ['UTF8', 'eda0bcedbe89c3a941', '🎉éA'],
  ['UTF8', 'eda0bc', null],
  ['UTF8', 'e282', null],
  ['UTF8', 'c341', null],
  ['AL16UTF16', 'd83cdf8900e9', '🎉é'],
  ['AL16UTF16', 'd83c', null],
  ['AL16UTF16', '00', null],
  ['US7ASCII', '4142', 'AB'],
  ['US7ASCII', '41c2', null],
  ['WE8ISO8859P1', 'e980', 'é\u0080'],
  ['WE8MSWIN1252', '80e90041', '€é\u0000A'],
  ['WE8MSWIN1252', '81', null],
];

it.each(TEXTS)('%s %s is %s', (charset, hex, text) => {
  expect(TEXT_READERS[charset]?.(bytes(hex))).toBe(text);
});
