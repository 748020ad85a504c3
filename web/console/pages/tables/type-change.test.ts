import { expect, test } from 'vitest';
import { parseTypeChange, typeChangeText } from './type-change.ts';

test('a type change is taken apart and put together', () => {
  expect(parseTypeChange('@D(dd.MM.yyyy)')).toEqual({ letter: 'D', format: 'dd.MM.yyyy' });
  expect(parseTypeChange('@I')).toEqual({ letter: 'I', format: '' });
  expect(parseTypeChange(undefined)).toBeNull();
  expect(typeChangeText('D')).toBe('@D(yyyyMMdd)');
  expect(typeChangeText('T', "yyyy'T'HH")).toBe("@T(yyyy'T'HH)");
  expect(typeChangeText('S', 'no format')).toBe('@S');
});
