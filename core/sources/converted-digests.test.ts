import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../changes/column-type.ts';
import { digestText } from '../changes/row-digest.ts';
import { DigestSum, digestSum } from './converted-digests.ts';

const digestOf = (number: number) => createHash('md5').update(String(number)).digest('hex');

function exactly(digests: readonly string[]): string {
  const part = (from: number) => digests.reduce((sum, text) => sum + BigInt(`0x${text.slice(from, from + 15)}`), 0n);
  return `${part(0)}:${part(15)}`;
}

const time = (fraction: number): ColumnType => ({ tag: 'time', fraction });
const datetime = (fraction: number): ColumnType => ({ tag: 'datetime', fraction });

describe('text of a digest', () => {
  it.each([
    [time(0), '10:00:00', '10:00:00'],
    [time(0), '-838:59:59', '-838:59:59'],
    [time(2), '-00:00:00.5', '-00:00:00.50'],
    [time(6), '838:59:59', '838:59:59.000000'],
    [datetime(0), '2026-01-01 10:00:00', '2026-01-01 10:00:00'],
    [datetime(3), '2026-01-01 10:00:00.12', '2026-01-01 10:00:00.120'],
    [{ tag: 'decimal', precision: 9, scale: 3 }, '-1.5', '-1.500'],
    [{ tag: 'decimal', precision: 9, scale: 3 }, '12', '12.000'],
    [{ tag: 'decimal', precision: 9, scale: 0 }, '12', '12'],
    [{ tag: 'binary', maxBytes: null }, '00FF', '00ff'],
    [{ tag: 'text', maxCharacters: null }, 'aB.c', 'aB.c'],
  ] satisfies [ColumnType, string, string][])('%j: %s is %s', (type, text, expected) => {
    expect(digestText(type, text)).toBe(expected);
  });
});

describe('sum of digests', () => {
  it('is 0:0 for no rows', () => {
    expect(digestSum([])).toBe('0:0');
  });

  it('is exact, in any order and when it is asked for in between', () => {
    const digests = Array.from({ length: 1000 }, (_, index) => digestOf(index));
    expect(digestSum(digests)).toBe(exactly(digests));
    const sum = new DigestSum();
    for (const [index, digest] of digests.toReversed().entries()) {
      sum.add(digest);
      if (index === 500) expect(sum.sum).toBe(exactly(digests.slice(-501)));
    }
    expect([sum.rows, sum.sum]).toEqual([1000, exactly(digests)]);
  });

  it('is exact for more of the greatest digests than a double can count', () => {
    const count = 2 ** 21 + 3;
    const sum = new DigestSum();
    for (let row = 0; row < count; row++) sum.add('f'.repeat(32));
    const expected = BigInt(count) * (2n ** 60n - 1n);
    expect(sum.sum).toBe(`${expected}:${expected}`);
  });
});
