import { expect, test } from 'vitest';
import { tailOf } from './tail.ts';

const lines = (...ids: string[]) => ids.map((id) => ({ id }));

test('lines that were fetched and came live stand once, the last ones only', () => {
  expect(tailOf(lines('1', '2'), lines('2', '3'), 5)).toEqual(lines('1', '2', '3'));
  expect(tailOf(lines('1', '2'), lines('2', '3'), 2)).toEqual(lines('2', '3'));
});
