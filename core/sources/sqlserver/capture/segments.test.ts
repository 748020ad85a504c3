import { expect, it } from 'vitest';
import type { CaptureInstance } from './instances.ts';
import { segmentsOf, staleTables, wholeFrom } from './segments.ts';

function instance(name: string, start: string, least = start): CaptureInstance {
  return { table: { schema: 'dbo', name: 't' }, name, objectId: '1', start, least, hasCommandId: true };
}

/** LSNs are texts that sort; short ones do for the arithmetic of parts. */
const older = instance('v1', '10');
const newer = instance('v2', '50');

it.each([
  ['one instance', [older], '20', '80', ['v1 20-80']],
  ['both', [older, newer], '20', '80', ['v1 20-50', 'v2 50-80']],
  ['only the older one yet', [older, newer], '20', '40', ['v1 20-40']],
  ['up to the newer one’s start', [older, newer], '20', '50', ['v1 20-50']],
  ['from the newer one’s start', [older, newer], '50', '80', ['v2 50-80']],
  ['only the newer one by now', [older, newer], '60', '80', ['v2 60-80']],
  ['nothing', [older, newer], '80', '80', []],
])('%s', (_, instances, after, upTo, expected) => {
  const found = segmentsOf(instances, after, upTo).map((one) => `${one.instance.name} ${one.after}-${one.upTo}`);
  expect(found).toEqual(expected);
});

it.each([
  ['all is there', [older], '20', '10'],
  ['the clean-up removed some', [instance('v1', '10', '30')], '20', '30'],
  ['what was read up to the edge misses nothing', [instance('v1', '10', '30')], '30', '30'],
  ['the older one is cleaned up, the newer one whole', [instance('v1', '10', '60'), newer], '55', '50'],
  ['both begin later', [instance('v1', '30'), newer], '20', '30'],
  ['none', [], '20', null],
])('whole from: %s', (_, instances, after, expected) => {
  expect(wholeFrom(instances, after)).toBe(expected);
});

it('stale tables stand in the order of the log, together where they are told together', () => {
  const instances = new Map([
    ['a', [instance('a', '10', '40')]],
    ['b', [instance('b', '30')]],
    ['c', [instance('c', '10', '40')]],
    ['d', [instance('d', '10')]],
  ]);
  expect(staleTables(['a', 'b', 'c', 'd', 'gone'], instances, { lsn: '20' })).toEqual([
    { lsn: '30', tables: ['b'] },
    { lsn: '40', tables: ['a', 'c'] },
  ]);
});
