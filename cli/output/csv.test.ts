import { expect, it } from 'vitest';
import { csvLines } from './csv.ts';

it('quotes what needs it', () => {
  const rows = [
    ['a', 1, null],
    ['b,c', 'say "x"', 'two\nlines'],
  ];
  expect(csvLines(rows)).toEqual(['a,1,', '"b,c","say ""x""","two\nlines"']);
});
