import { describe, expect, test } from 'vitest';
import { ORACLE_MUTATIONS } from './oracle/mutations.ts';
import { simulateOracle } from './oracle/simulate.ts';
import { describeFailure, runSeeds, summaryText } from './run-seeds.ts';

const SEEDS = Number(process.env['PENSTOCK_ORACLE_SEEDS'] ?? 1000);
/** A broken rule has to be found within so many seeds. */
const MUTATION_SEEDS = 600;

async function expectFound(name: string): Promise<void> {
  for (let seed = 1; seed <= MUTATION_SEEDS; seed++) {
    const { violations } = await simulateOracle(seed);
    if (violations.length === 0) continue;
    console.log(`${name}: found by seed ${seed}: ${violations[0]?.split('\n')[0] ?? ''}`);
    return;
  }
  expect.fail(`${name} was not found in ${MUTATION_SEEDS} seeds`);
}

describe("the simulation of the reader of Oracle's logs", () => {
  test(`${SEEDS} seeds keep every rule`, async () => {
    const summary = await runSeeds({ simulated: 'oracle', first: 1, count: SEEDS });
    console.log(`simulation of Oracle: ${summaryText(summary)}`);
    const failures = summary.failures.slice(0, 5).map((failure) => describeFailure(failure, 'oracle'));
    expect(failures.join('\n')).toBe('');
    expect(summary.seeds).toBe(SEEDS);
  });

  test('a seed gives the same run twice, and another seed another run', async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const [once, again] = [await simulateOracle(seed), await simulateOracle(seed)];
      expect(again).toEqual(once);
      hashes.add(once.traceHash);
    }
    expect(hashes.size).toBe(20);
  });

  test.each(Object.entries(ORACLE_MUTATIONS))('finds it when %s', async (name, mutate) => {
    const mutation = mutate();
    try {
      await expectFound(name);
    } finally {
      mutation[Symbol.dispose]();
    }
  });
});
