import { expect, it } from 'vitest';
import { packNumbers, unpackNumbers } from './packed-numbers.ts';

it('gives back what was packed, ordered by the first number', () => {
  const rows = [
    [900, 0, Number.MAX_SAFE_INTEGER],
    [1, 127, 128],
    [2, 16_383, 16_384],
  ];
  expect(unpackNumbers(packNumbers(rows), 3)).toEqual([rows[1], rows[2], rows[0]]);
  expect(packNumbers([])).toBe('');
  expect(unpackNumbers('', 3)).toEqual([]);
});

it('is small: a hundred tables with counts of a second take less than half a kilobyte', () => {
  const rows = Array.from({ length: 100 }, (_, index) => [index + 1, (index * 7) % 40, (index * 13) % 50, index % 5]);
  expect(packNumbers(rows).length).toBeLessThan(512);
});

it('refuses what cannot be packed, and texts that were not', () => {
  for (const number of [-1, 0.5, NaN, Number.MAX_SAFE_INTEGER + 1]) {
    expect(() => packNumbers([[number]])).toThrow('cannot be packed');
  }
  for (const [text, width] of [
    ['!!!!', 1],
    [packNumbers([[1, 300]]), 3],
  ] as const) {
    expect(() => unpackNumbers(text, width)).toThrow(expect.objectContaining({ code: 'PS3006' }) as Error);
  }
});
