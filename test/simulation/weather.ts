import type { Random } from './random.ts';

/**
 * What goes wrong in a run, and how often. Every seed draws its own: faults that always come together hide each other,
 * so each kind is off in many runs (swarm testing).
 */
export interface Weather {
  /** Mean milliseconds between crashes of a process; null: never. */
  crashEvery: number | null;
  /** Chance of a crash at a failpoint. */
  crashAtFailpoint: number;
  /** Mean milliseconds between pauses of a process; null: never. */
  pauseEvery: number | null;
  /** Chance that a call fails without effect. */
  refused: number;
  /** Chance that a call takes effect and its reply is lost. */
  lostReply: number;
  /** Chance that a caller gives a call up that takes effect seconds later. */
  late: number;
  /** Chance that a request takes longer than a lease to arrive. */
  stuck: number;
  /** Chance that a call takes up to a second. */
  slow: number;
  /** Chance that the source's connection is lost, for each batch. */
  connectionLoss: number;
  wakeUpLost: number;
  wakeUpDoubled: number;
  /** Chance that the destination rolls a transaction back. */
  rolledBack: number;
  /** Chance that the end of a process is known to the others at once. */
  crashIsKnown: number;
}

export function drawWeather(random: Random): Weather {
  const on = (chance: number, low: number, high: number): number =>
    random.chance(chance) ? low + random.fraction() * (high - low) : 0;
  return {
    crashEvery: random.chance(0.6) ? random.between(3_000, 30_000) : null,
    crashAtFailpoint: on(0.5, 0.005, 0.08),
    pauseEvery: random.chance(0.4) ? random.between(8_000, 40_000) : null,
    refused: on(0.5, 0.005, 0.06),
    lostReply: on(0.6, 0.005, 0.08),
    late: on(0.4, 0.002, 0.03),
    stuck: on(0.4, 0.001, 0.01),
    slow: on(0.6, 0.01, 0.1),
    connectionLoss: on(0.4, 0.01, 0.1),
    wakeUpLost: on(0.5, 0.1, 1),
    wakeUpDoubled: on(0.5, 0.1, 0.5),
    rolledBack: on(0.4, 0.02, 0.2),
    crashIsKnown: random.chance(0.5) ? 1 : 0,
  };
}

/** No more faults, so that the pipeline can come to rest. Changes in place: everybody holds the same object. */
export function calm(weather: Weather): void {
  Object.assign(weather, {
    crashEvery: null,
    crashAtFailpoint: 0,
    pauseEvery: null,
    refused: 0,
    lostReply: 0,
    late: 0,
    stuck: 0,
    slow: 0,
    connectionLoss: 0,
    wakeUpLost: 0,
    wakeUpDoubled: 0,
    rolledBack: 0,
  } satisfies Partial<Weather>);
}
