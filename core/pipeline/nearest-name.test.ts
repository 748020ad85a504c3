import { expect, it } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

it.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'acb', 1],
  ['abc', 'abcd', 1],
  ['abc', 'bc', 1],
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
])('the distance of %s and %s is %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

it('finds the name that was meant', () => {
  const known = ['host', 'port', 'password', 'extractThreads'];
  expect(nearestName('prot', known)).toBe('port');
  expect(nearestName('Host', known)).toBe('host');
  expect(nearestName('extract_threads', known)).toBe('extractThreads');
  expect(nearestName('zebra', known)).toBeNull();
  expect(nearestName('x', [])).toBeNull();
});
