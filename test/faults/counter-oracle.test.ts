import type { Connection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import type { SourceClient } from '../fixtures/test-source.ts';
import { CounterOracle, type Tells } from './counter-oracle.ts';

const OPEN = '9999-12-31';

/** A counter at its last step, and a destination that holds these versions of it: step, start, end. */
async function complaints(
  tells: Tells,
  ...versions: readonly (readonly [number, string, string])[]
): Promise<string[]> {
  const source = { run: () => Promise.resolve(0) } as unknown as SourceClient;
  const oracle = new CounterOracle(source, 1, 1, tells);
  while (!oracle.isDone) await oracle.walk(1);
  const rows = versions.map(([step, start, end]) => ({ id: 0, step, start, end }));
  return oracle.complaints({ query: () => Promise.resolve([rows]) } as unknown as Connection);
}

const WHOLE = [
  [1, '01', '02'],
  [2, '02', '03'],
  [3, '03', '04'],
  [4, '04', '05'],
  [6, '06', '07'],
  [7, '07', '08'],
  [8, '08', OPEN],
] as const;

describe('a log that has every step', () => {
  it('is content with all of them, also from a copy in the middle on', async () => {
    expect(await complaints('everyStep', ...WHOLE)).toEqual([]);
    expect(await complaints('everyStep', ...WHOLE.slice(2))).toEqual([]);
  });

  it.each([
    ['lost', [...WHOLE.slice(0, 2), ...WHOLE.slice(3)]],
    ['doubled', [...WHOLE.slice(0, 2), ...WHOLE.slice(1)]],
    ['missing at the end', WHOLE.slice(0, -1)],
  ])('sees a step that is %s', async (_, versions) => {
    expect(await complaints('everyStep', ...versions)).toHaveLength(1);
  });
});

describe('a log of net changes', () => {
  it('is content with some steps in order and the last one', async () => {
    expect(await complaints('netChanges', [2, '02', '04'], [4, '04', '05'], [8, '08', OPEN])).toEqual([]);
    expect(await complaints('netChanges', [3, '03', '07'], [7, '07', '08'], [8, '08', OPEN])).toEqual([]);
  });

  it.each([
    [
      'missing at the end',
      [
        [2, '02', '04'],
        [4, '04', OPEN],
      ],
    ],
    [
      'doubled',
      [
        [2, '02', '03'],
        [2, '03', '08'],
        [8, '08', OPEN],
      ],
    ],
    [
      'out of order',
      [
        [4, '02', '03'],
        [3, '03', '08'],
        [8, '08', OPEN],
      ],
    ],
    [
      'open though another one follows',
      [
        [7, '07', OPEN],
        [8, '08', OPEN],
      ],
    ],
    [
      'ended before the next one began',
      [
        [6, '06', '07'],
        [8, '08', OPEN],
      ],
    ],
  ] as const)('sees a step that is %s', async (_, versions) => {
    expect(await complaints('netChanges', ...versions)).toHaveLength(1);
  });
});
