import { dictionaryFor } from '../dictionary-logs.ts';
import type { MiningMode } from '../mining-mode.ts';
import { addedLog } from '../passes.ts';
import { logMiner } from './log-miner.ts';

/** Where the source's log files are found by the mining database: the first beginning that fits is replaced. */
export interface LogPath {
  readonly from: string;
  readonly to: string;
}

/**
 * Remote Log Miner: another database reads the source's archived logs. It knows the source's tables by a dictionary that the source wrote into its logs,
 * and by all changes of structure since, so that every log from the dictionary on is opened.
 */
export function remoteLogMiner(paths: readonly LogPath[]): MiningMode {
  return {
    name: 'remoteLogMiner',
    followsOnline: false,
    needsDictionary: true,
    plan(input) {
      const plan = logMiner.plan(input);
      if (plan === null) return null;
      const readings = plan.readings.map((reading) => {
        const before = dictionaryFor(input.files, BigInt(reading.from)).map(addedLog);
        const further = reading.logs.filter(({ path }) => before.every((log) => log.path !== path));
        const logs = [...before, ...further].map((log) => ({ ...log, path: minedPath(log.path, paths) }));
        return { ...reading, dictionary: 'redo' as const, logs };
      });
      return { ...plan, readings };
    },
  };
}

/** A file of the source's by its name at the mining database. */
export function minedPath(path: string, paths: readonly LogPath[]): string {
  const found = paths.find(({ from }) => path.startsWith(from));
  return found === undefined ? path : found.to + path.slice(found.from.length);
}
