import { expect, test } from 'vitest';
import { mergedLines } from './merged-lines.ts';

const lines = (...ids: string[]) => ids.map((id) => ({ id }));

test('lines of two fetches stand in order, each once; the last ones are kept', () => {
  expect(mergedLines(lines('02', '03'), lines('01', '02', '04'), 10)).toEqual(lines('01', '02', '03', '04'));
  expect(mergedLines(lines('02', '03'), lines('04', '05'), 3)).toEqual(lines('03', '04', '05'));
});

test('nothing new is no change', () => {
  const known = lines('01');
  expect(mergedLines(known, [], 10)).toBe(known);
});
