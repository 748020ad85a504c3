import { expect, test } from 'vitest';
import { parseBenchCall } from './options.ts';

test('defaults', () => {
  expect(parseBenchCall([])).toEqual({
    tag: 'run',
    options: {
      source: 'postgres',
      parts: ['full', 'changes', 'lag', 'memory', 'redo', 'mining'],
      rows: 1_000_000,
      memoryRows: 5_000_000,
      repeats: 3,
      lagSeconds: 60,
      minutes: 0,
      rate: 25_000,
      json: null,
      profiles: null,
    },
  });
});

test('parts run in their own order, whatever the order of the words', () => {
  const call = parseBenchCall(
    '--source mysql --only memory --only full --rows 5000 --repeats 1 --json x.json'.split(' '),
  );
  expect(call).toMatchObject({
    tag: 'run',
    options: { source: 'mysql', parts: ['full', 'memory'], rows: 5000, repeats: 1, json: 'x.json' },
  });
});

test.each([
  [['--source', 'oracle'], '--source oracle: expected one of postgres, mysql'],
  [['--only', 'speed'], '--only speed: expected one of full, changes, lag, memory, redo, mining'],
  [['--rows', '12x'], '--rows 12x: expected a whole number from 1000 to 100000000'],
  [['--repeats', '0'], '--repeats 0: expected a whole number from 1 to 99'],
])('%j is refused', (words, message) => {
  expect(parseBenchCall(words)).toEqual({ tag: 'refused', message });
});

test('unknown words are refused by name', () => {
  expect(parseBenchCall(['--fast'])).toMatchObject({
    tag: 'refused',
    message: expect.stringContaining('--fast') as string,
  });
});
