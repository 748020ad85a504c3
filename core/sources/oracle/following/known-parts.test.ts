import { expect, it } from 'vitest';
import { KnownParts } from './known-parts.ts';

it('is sure of partitions that were made before their numbers were asked, and ended behind that', () => {
  const parts = new KnownParts();
  expect(parts.isSure('t', '9')).toBe(false);
  parts.asked('1');
  expect(parts.isSure('t', '9')).toBe(false);
  parts.asked('3');
  expect(parts.isSure('t', '9')).toBe(true);
  // Ended before the second answer.
  expect(parts.isSure('t', '2')).toBe(false);
  parts.made('t', '2');
  expect(parts.isSure('t', '9')).toBe(false);
  expect(parts.isSure('other', '9')).toBe(true);
  parts.asked('4');
  expect(parts.isSure('t', '9')).toBe(true);
});

it('forgets answers that count no more', () => {
  const parts = new KnownParts();
  for (const order of ['1', '2', '3', '4', '5', '6']) parts.asked(order);
  parts.reached('5');
  expect(parts.isSure('t', '5')).toBe(true);
  expect(parts.isSure('t', '6')).toBe(true);
  expect(parts.isSure('t', '3')).toBe(false);
});
