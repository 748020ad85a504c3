import { expect, test } from 'vitest';
import { FIRST_PAGE, reachable, turnedTo } from './pages-seen.ts';

test('pages are turned forth one by one, and back to any that was seen', () => {
  const second = turnedTo(FIRST_PAGE, 1, 'b');
  expect(second).toEqual({ starts: [null, 'b'], page: 1 });
  const third = turnedTo(second, 2, 'c');
  expect(third.starts[third.page]).toBe('c');
  const first = turnedTo(third, 0, null);
  expect(first).toEqual({ starts: [null, 'b', 'c'], page: 0 });
  expect(turnedTo(first, 2, 'b').page).toBe(2);
  expect(turnedTo(third, 3, null).page).toBe(2);
  expect(turnedTo(FIRST_PAGE, 1, null)).toEqual(FIRST_PAGE);
});

test('one page more than those seen can be turned to, from the last one of them', () => {
  expect(reachable(FIRST_PAGE, 'b')).toBe(2);
  expect(reachable(FIRST_PAGE, null)).toBe(1);
  expect(reachable({ starts: [null, 'b', 'c'], page: 0 }, 'b')).toBe(3);
});
