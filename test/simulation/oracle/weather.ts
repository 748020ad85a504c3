import type { Random } from '../random.ts';

/** How much goes wrong in a run. Chances are for each statement, or each piece of rows; milliseconds are means. */
export interface Weather {
  lostSession: number;
  refusedLogin: number;
  /** ORA-00310. */
  overwritten: number;
  /** ORA-01291, ORA-01284. */
  missingLog: number;
  /** ORA-01555. */
  undoGone: number;
  /** Between the ends of readers; null: they run on. */
  readerEnds: number | null;
  /** Between the archiver's looks. */
  archives: number;
  /** Between the log writer's. */
  writes: number;
  switches: number;
  /** Between moments at which what strands hold is written. */
  flushes: number;
}

export function drawWeather(random: Random): Weather {
  const often = (chance: number, value: number) => (random.chance(chance) ? value : 0);
  return {
    lostSession: often(0.5, 0.004),
    refusedLogin: often(0.3, 0.03),
    overwritten: often(0.5, 0.03),
    missingLog: often(0.3, 0.01),
    undoGone: often(0.05, 0.05),
    readerEnds: random.chance(0.8) ? random.between(300, 4000) : null,
    archives: random.between(50, 3000),
    writes: random.pick([3, 30, 150]),
    switches: random.between(300, 6000),
    flushes: random.between(20, 1000),
  };
}

/** Nothing goes wrong any more. */
export function calm(weather: Weather): void {
  Object.assign(weather, {
    lostSession: 0,
    refusedLogin: 0,
    overwritten: 0,
    missingLog: 0,
    undoGone: 0,
    readerEnds: null,
  });
}
