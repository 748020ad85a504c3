import { expect, it } from 'vitest';
import type { RowDigest } from '../../sources/source-connector.ts';
import { compareDigests } from './compare-digests.ts';

async function* stream(...rows: [string, string, string?][]): AsyncIterable<RowDigest> {
  for (const [key, digest, double] of rows)
    yield await Promise.resolve({ key: [key], digest, doubles: double === undefined ? [] : [double] });
}

it('names missing, extra and different rows', async () => {
  const found = await Array.fromAsync(
    compareDigests(stream(['a', '1'], ['b', '2'], ['d', '4']), stream(['b', '9'], ['c', '3'], ['d', '4'], ['e', '5'])),
  );
  expect(found.map(({ kind, key }) => [kind, key[0]])).toEqual([
    ['missing at destination', 'a'],
    ['different', 'b'],
    ['extra at destination', 'c'],
    ['extra at destination', 'e'],
  ]);
});

it('compares doubles as numbers, of which there is one zero', async () => {
  expect(await Array.fromAsync(compareDigests(stream(['a', '1', '1e-05']), stream(['a', '1', '0.00001'])))).toEqual([]);
  expect(await Array.fromAsync(compareDigests(stream(['a', '1', '-0']), stream(['a', '1', '0'])))).toEqual([]);
  expect(await Array.fromAsync(compareDigests(stream(['a', '1', '1e-05']), stream(['a', '1', '1e-06'])))).toHaveLength(
    1,
  );
});
