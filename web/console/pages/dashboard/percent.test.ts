import { expect, test } from 'vitest';
import { percentOf } from './percent.ts';

test('an estimate that was too low never makes a copy look done', () => {
  expect(percentOf({ rows: 50, estimatedRows: 100 })).toBe(50);
  expect(percentOf({ rows: 150, estimatedRows: 100 })).toBe(99);
  expect(percentOf({ rows: 5, estimatedRows: null })).toBe(0);
  expect(percentOf({ rows: 5, estimatedRows: 0 })).toBe(0);
});
