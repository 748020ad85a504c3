import type { LogFile } from '../log-file.ts';
import type { MiningMode } from '../mining-mode.ts';
import { addedLog, greatestScn, keptLogs, nextPass, passRound, type ThreadPass } from '../passes.ts';
import type { Reading } from '../round-plan.ts';

/** Fast Log Miner: archived logs, each by a session of its own that opens the ones behind it too, several at once. */
export const fastLogMiner: MiningMode = {
  name: 'fastLogMiner',
  followsOnline: false,
  needsDictionary: false,
  plan({ inventory, place, limits, now }) {
    const passes = nextPass(inventory, place, limits, now);
    if (passes.length === 0) return null;
    return { ...passRound(inventory, place, passes), readings: readingsOf(passes, limits.lookAhead) };
  },
};

/** One for each log; those of a thread in their order, threads by their SCNs. */
function readingsOf(passes: readonly ThreadPass[], lookAhead: number): Reading[] {
  const single = passes.flatMap(({ logs, lookAhead: further }) => {
    const all = [...logs, ...further];
    return logs.map((log, index) => ({ log, opened: all.slice(index, index + 1 + lookAhead) }));
  });
  single.sort((a, b) => (a.log.firstScn < b.log.firstScn ? -1 : a.log.firstScn > b.log.firstScn ? 1 : 0));
  return single.map(({ log, opened }) => readingOf(log, opened));
}

function readingOf(log: LogFile, opened: readonly LogFile[]): Reading {
  const kept = keptLogs([log]);
  return {
    logs: opened.map(addedLog),
    from: log.firstScn.toString(),
    upTo: null,
    rowsUpTo: greatestScn([log]).toString(),
    dictionary: 'online',
    isContinuous: false,
    keeps: new Map(kept === null ? [] : [[log.thread, kept]]),
  };
}
