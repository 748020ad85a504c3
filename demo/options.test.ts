import { expect, test } from 'vitest';
import { parseDemoCall } from './options.ts';

test('defaults', () => {
  expect(parseDemoCall([])).toEqual({
    tag: 'run',
    options: { source: 'postgres', rows: 250_000, seconds: 25, seed: 1, keep: false, tamper: false },
  });
});

test('every option', () => {
  const words = '--rows 1000 --seconds 3 --seed 7 --source mysql --keep --tamper'.split(' ');
  expect(parseDemoCall(words)).toEqual({
    tag: 'run',
    options: { source: 'mysql', rows: 1000, seconds: 3, seed: 7, keep: true, tamper: true },
  });
});

test.each([
  [['--source', 'oracle'], '--source oracle: expected one of postgres, mysql'],
  [['--rows', 'many'], '--rows many: expected a whole number from 100 to 100000000'],
  [['--rows', '99'], '--rows 99: expected a whole number from 100 to 100000000'],
  [['--seconds', '0'], '--seconds 0: expected a whole number from 1 to 86400'],
  [['--seed', '1.5'], '--seed 1.5: expected a whole number from 0 to 2147483647'],
])('%j is refused', (words, message) => {
  expect(parseDemoCall(words)).toEqual({ tag: 'refused', message });
});

test('unknown words are refused by name', () => {
  expect(parseDemoCall(['--fast'])).toMatchObject({
    tag: 'refused',
    message: expect.stringContaining('--fast') as string,
  });
  expect(parseDemoCall(['now'])).toMatchObject({ tag: 'refused', message: expect.stringContaining('now') as string });
});
