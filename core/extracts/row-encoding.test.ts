import { expect, it } from 'vitest';
import { Random } from '../../test/fixtures/random.ts';
import { decodeLine, encodeField, encodeLine, leadColumns, sequenceText } from './row-encoding.ts';

it('comes back as it was, whatever the text', () => {
  const random = new Random(7);
  const alphabet = ['\\', '\t', '\n', '\r', '\0', '\f', '\v', '\b', '\x1a', 'N', 'n', 't', 'é', '🙂', "'", '"', ' '];
  for (let n = 0; n < 5000; n++) {
    const row = Array.from({ length: 1 + random.below(4) }, () =>
      random.chance(0.2) ? null : Array.from({ length: random.below(6) }, () => random.pick(alphabet)).join(''),
    );
    expect(decodeLine(encodeLine(row).slice(0, -1)), `row ${n}`).toEqual(row);
  }
});

it('tells NULL from the text \\N', () => {
  expect([encodeField(null), encodeField('\\N'), encodeField('')]).toEqual(['\\N', '\\\\N', '']);
});

it('orders changes across extracts', () => {
  expect(BigInt(sequenceText(2, 0))).toBeGreaterThan(BigInt(sequenceText(1, 9_999_999_999)));
  expect(BigInt(sequenceText(900_000_000, 0))).toBeLessThan(2n ** 63n);
});

it('has an origin for each key column', () => {
  expect(leadColumns({ tag: 'key', columns: ['a', 'b'] })).toEqual([
    '__op',
    '__seq',
    '__at',
    '__absent',
    '__origin1',
    '__origin2',
  ]);
  expect(leadColumns({ tag: 'row' })).toEqual(['__op', '__seq', '__at', '__row', '__ordinal']);
});
