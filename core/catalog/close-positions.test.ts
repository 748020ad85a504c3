import { expect, it } from 'vitest';
import { closePosition, printClose, readClose } from './close-positions.ts';

const at = (resume: string, lineage = 'L') => ({ lineage, order: `of ${resume}`, resume });

it.each([
  ['', ''],
  ['same', 'same'],
  ['', 'new'],
  ['gone', ''],
  ['aaa', 'aaaa'],
  ['aaaa', 'aaa'],
  ['abab', 'ababab'],
  ['{"scn":"12","tables":"T"}', '{"scn":"134","tables":"T"}'],
  ['one', 'other'],
  // Two characters that share half of their code units.
  ['x🎉y', 'x🎊y'],
])('%j and behind it %j', (before, after) => {
  const stored: unknown = JSON.parse(JSON.stringify(printClose(at(before), at(after))));
  expect(readClose(at(before), closePosition.parse(stored))).toEqual(at(after));
});

it('a position holds of another one nothing but what differs', () => {
  const tables = 'T'.repeat(1000);
  expect(printClose(at(`1${tables}`), at(`2${tables}`))).toEqual({ order: `of 2${tables}`, resume: [0, '2', 1000] });
});

it('a position of another log says so', () => {
  const [before, after] = [at('x'), at('x', 'M')];
  expect(readClose(before, printClose(before, after))).toEqual(after);
});
