import { describe, expect, it } from 'vitest';
import { randomHistory, type History } from '../../../../test/fixtures/oracle-mining/history.ts';
import {
  beginningOf,
  expectedOf,
  mineHistory,
  type Mined,
} from '../../../../test/fixtures/oracle-mining/mine-history.ts';
import { Random } from '../../../../test/fixtures/random.ts';

const SEED = Number(process.env['SEED'] ?? 20_261_122);
const HISTORIES = 150;
const STEPS = 160;

function check(mined: Mined, expected: readonly unknown[], seed: number): void {
  expect(
    mined.transactions.map(({ key, scn, changes }) => ({ key, scn, changes })),
    `seed ${seed}`,
  ).toEqual(expected);
  expect(mined.scratch.files, `seed ${seed}`).toBe(0);
}

function wanted(history: History) {
  return expectedOf(history).map(({ key, scn, changes }) => ({ key, scn, changes }));
}

describe('mined transactions', () => {
  it('are those of the history, whatever rounds it is read in, and go on behind every position', async () => {
    let spilled = 0;
    for (let seed = SEED; seed < SEED + HISTORIES; seed++) {
      const history = randomHistory(seed, STEPS);
      const random = new Random(seed + 1);
      const expected = wanted(history);
      const whole = await mineHistory(history, beginningOf(history), random);
      check(whole, expected, seed);
      spilled += whole.scratch.appended;
      let last = whole;
      let told = 0;
      for (let restart = 0; restart < 4 && last.positions.length > 0; restart++) {
        const from = random.pick(last.positions);
        told += from.told;
        last = await mineHistory(history, from.position, random);
        check(last, expected.slice(told), seed);
        const orders = whole.transactions.slice(told).map(({ order }) => order);
        expect(
          last.transactions.map(({ order }) => order),
          `seed ${seed}`,
        ).toEqual(orders);
      }
    }
    expect(spilled).toBeGreaterThan(0);
  });
});
