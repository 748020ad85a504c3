import { expect, it } from 'vitest';
import { keyText } from './key-text.ts';
import type { SourceType } from './source-type.ts';

const NUMBER: SourceType = { tag: 'number', precision: 38, scale: null };
const DATE: SourceType = { tag: 'date' };
const TIMESTAMP: SourceType = { tag: 'timestamp', fraction: 9 };
const varchar = (characters: number): SourceType => ({ tag: 'varchar', isNational: false, characters });

it.each<[SourceType, string]>([
  [NUMBER, '-12.50'],
  [NUMBER, '9'.repeat(65)],
  [varchar(2), 'é🎉'],
  [{ tag: 'raw', bytes: 2 }, '00fF'],
  [DATE, '2024-02-29 00:00:00'],
  [DATE, '2024-02-29'],
  // Of Oracle's calendar, which is Julian then.
  [DATE, '1500-02-29 00:00:00'],
  [TIMESTAMP, '-0044-03-15 12:00:00.000000001'],
])('%o: %s finds rows', (type, text) => {
  expect(keyText(type, text)).toBe(text);
});

it.each<[SourceType, string]>([
  [NUMBER, ''],
  [NUMBER, 'x'],
  [NUMBER, '1e5'],
  [NUMBER, '9'.repeat(127)],
  [varchar(2), ''],
  [varchar(2), 'abc'],
  [{ tag: 'raw', bytes: 2 }, '0'],
  [{ tag: 'raw', bytes: 2 }, '001122'],
  [DATE, '2023-02-29 00:00:00'],
  [DATE, '1900-02-29 00:00:00'],
  [DATE, '2024-04-31 00:00:00'],
  [DATE, '2024-13-01 00:00:00'],
  [DATE, '0000-01-01 00:00:00'],
  [DATE, '2024-01-01 24:00:00'],
  [DATE, '2024-01-01 00:00:00.5'],
  [TIMESTAMP, 'x'],
])('%o: %s finds none', (type, text) => {
  expect(keyText(type, text)).toBeNull();
});

it('a DATE has no fraction', () => {
  expect(keyText(DATE, '2024-01-01 10:00:00.000000')).toBe('2024-01-01 10:00:00');
});
