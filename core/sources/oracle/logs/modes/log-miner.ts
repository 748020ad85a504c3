import type { MiningMode } from '../mining-mode.ts';
import { addedLog, greatestScn, keptLogs, leastFirstScn, nextPass, passRound } from '../passes.ts';

/** Log Miner: archived logs, some in one pass, by one session. */
export const logMiner: MiningMode = {
  name: 'logMiner',
  followsOnline: false,
  needsDictionary: false,
  plan({ inventory, place, limits, now }) {
    const passes = nextPass(inventory, place, limits, now);
    if (passes.length === 0) return null;
    const logs = passes.flatMap((pass) => pass.logs);
    const lookAhead = passes.flatMap((pass) => pass.lookAhead);
    const keeps = passes.flatMap((pass) => {
      const kept = keptLogs(pass.logs);
      return kept === null ? [] : [[pass.thread, kept] as const];
    });
    const reading = {
      logs: [...logs, ...lookAhead].map(addedLog),
      from: leastFirstScn(logs).toString(),
      upTo: null,
      rowsUpTo: greatestScn(logs).toString(),
      dictionary: 'online' as const,
      isContinuous: false,
      keeps: new Map(keeps),
    };
    return { ...passRound(inventory, place, passes), readings: [reading] };
  },
};
