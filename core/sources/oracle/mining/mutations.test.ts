import { describe, expect, it } from 'vitest';
import { randomHistory } from '../../../../test/fixtures/oracle-mining/history.ts';
import { beginningOf, expectedOf, mineHistory } from '../../../../test/fixtures/oracle-mining/mine-history.ts';
import { MUTATIONS } from '../../../../test/fixtures/oracle-mining/mutations.ts';
import { Random } from '../../../../test/fixtures/random.ts';

const SEED = 20_261_123;
const MOST_HISTORIES = 300;
const STEPS = 160;

/** Whether a history comes out other than it was, read as a whole or behind a position of it. */
async function isFound(seed: number): Promise<boolean> {
  const history = randomHistory(seed, STEPS);
  const random = new Random(seed);
  const expected = JSON.stringify(expectedOf(history).map(({ key, changes }) => ({ key, changes })));
  try {
    const whole = await mineHistory(history, beginningOf(history), random);
    const told = whole.transactions.map(({ key, changes }) => ({ key, changes }));
    if (JSON.stringify(told) !== expected) return true;
    if (whole.positions.length === 0) return false;
    const from = random.pick(whole.positions);
    const rest = await mineHistory(history, from.position, random);
    const again = rest.transactions.map(({ key, changes }) => ({ key, changes }));
    return JSON.stringify(again) !== JSON.stringify(told.slice(from.told));
  } catch {
    return true;
  }
}

describe('random histories find it when', () => {
  it.each(Object.entries(MUTATIONS))('%s', async (_name, mutate) => {
    const mutation = mutate();
    try {
      let seed = SEED;
      while (seed < SEED + MOST_HISTORIES && !(await isFound(seed))) seed++;
      expect(seed - SEED).toBeLessThan(MOST_HISTORIES);
    } finally {
      mutation[Symbol.dispose]();
    }
  });

  it('no rule is taken away: nothing', async () => {
    for (let seed = SEED; seed < SEED + 50; seed++) expect(await isFound(seed), `seed ${seed}`).toBe(false);
  });
});
