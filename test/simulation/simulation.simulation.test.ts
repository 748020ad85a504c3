import { describe, expect, test } from 'vitest';
import { MUTATIONS } from './mutations.ts';
import { OPERATOR_MUTATIONS } from './operator-mutations.ts';
import { describeFailure, runSeeds, summaryText } from './run-seeds.ts';
import { simulate, type SimulateOptions } from './simulate.ts';

const SEEDS = Number(process.env['PENSTOCK_SEEDS'] ?? 10_000);
/** A broken rule has to be found within so many seeds. */
const MUTATION_SEEDS = 600;

/** Where to begin with rules that rarely matter. */
const RARE: Readonly<Record<string, number>> = { extractsInWindowIgnored: 100, rollbackStartUnchecked: 2480 };
/** With operators. */
const OPERATOR_SEEDS = [71, 82, 288, 324, 361, 786, 2036, 2187, 2496, 2831, 3106, 3407, 5054, 5067, 70024, 70225];

async function expectFound(name: string, options: SimulateOptions, from = 1): Promise<void> {
  for (let seed = from; seed < from + MUTATION_SEEDS; seed++) {
    const { violations } = await simulate(seed, options);
    if (violations.length > 0) {
      console.log(`${name}: found by seed ${seed}: ${violations[0]?.split('\n')[0] ?? ''}`);
      return;
    }
  }
  expect.fail(`${name} was not found in ${MUTATION_SEEDS} seeds from ${from} on`);
}

describe('the simulation', () => {
  test(`${SEEDS} seeds keep every rule`, async () => {
    const summary = await runSeeds({ first: 1, count: SEEDS });
    console.log(`simulation: ${summaryText(summary)}`);
    expect(
      summary.failures
        .slice(0, 5)
        .map((failure) => describeFailure(failure))
        .join('\n'),
    ).toBe('');
    expect(summary.seeds).toBe(SEEDS);
  });

  test('a seed gives the same run twice, and another seed another run', async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const [once, again] = [await simulate(seed), await simulate(seed)];
      expect(again).toEqual(once);
      hashes.add(once.traceHash);
    }
    expect(hashes.size).toBe(20);
  });

  test.each(Object.keys(MUTATIONS))('finds the broken rule %s', async (name) => {
    await expectFound(name, { mutation: MUTATIONS[name] ?? {} });
  });

  test.each(Object.keys(OPERATOR_MUTATIONS))('finds the broken rule %s of operators', async (name) => {
    await expectFound(name, { mutation: OPERATOR_MUTATIONS[name] ?? {}, operators: true }, RARE[name]);
  });

  test('seeds that have found faults of verification, repair and rollback', async () => {
    for (const seed of OPERATOR_SEEDS) {
      const { violations } = await simulate(seed, { operators: true });
      expect(violations, `seed ${seed}`).toEqual([]);
    }
  });
});
