import type { MiningMode, RoundInput } from '../mining-mode.ts';
import { addedLog } from '../passes.ts';
import type { RoundPlan } from '../round-plan.ts';
import { nextWindow, windowRound, type LogWindow } from '../windows.ts';

/** A mode that reads up to what is written now, window by window. */
export function windowMode(
  name: MiningMode['name'],
  isBounded: boolean,
  reading: (window: LogWindow) => Omit<Parameters<typeof windowRound>[4], 'isBounded'>,
): MiningMode {
  return {
    name,
    followsOnline: true,
    needsDictionary: false,
    plan({ inventory, place, limits, work }: RoundInput): RoundPlan | null {
      const window = nextWindow(inventory, place, limits.count, isBounded);
      if (window === null || work === null) return null;
      return windowRound(inventory, place, window, work, { ...reading(window), isBounded });
    },
  };
}

/** Continuous Log Miner from 19c on: archived and online logs, added by us, to the end of what is written. */
export const onlineLogs = windowMode('onlineLogs', false, ({ logs }) => ({
  logs: logs.map(addedLog),
  isContinuous: false,
}));
