import { expect, test } from 'vitest';
import { consoleCost, SOME_USE } from './console-cost.ts';

const sum = (use: Parameters<typeof consoleCost>[0]): number =>
  consoleCost(use).reduce((total, { dollars }) => total + dollars, 0);

test('a console that nobody looks at costs its alarm', () => {
  expect(sum({ users: 0, openHours: 0 })).toBeCloseTo(0.1, 6);
});

test('a page that is open asks 720 times an hour; the cost follows the hours', () => {
  const requests = (openHours: number): number =>
    consoleCost({ users: 1, openHours }).find(({ price }) => price === 'apiRequest')?.count ?? 0;
  expect(requests(1)).toBe(720);
  expect(sum({ ...SOME_USE, openHours: 264 }) - sum({ ...SOME_USE, openHours: 132 })).toBeCloseTo(
    sum({ ...SOME_USE, openHours: 132 }) - sum({ ...SOME_USE, openHours: 0 }),
    9,
  );
  expect(sum(SOME_USE)).toBeLessThan(5);
});
