import { PenstockError } from '../../../errors/penstock-error.ts';
import type { ExtractType } from '../server/variants.ts';
import type { MiningMode } from './mining-mode.ts';
import { continuousMine } from './modes/continuous-mine.ts';
import { fastLogMiner } from './modes/fast-log-miner.ts';
import { inPluggable } from './modes/in-pluggable.ts';
import { logMiner } from './modes/log-miner.ts';
import { onlineLogs } from './modes/online-logs.ts';
import { remoteLogMiner, type LogPath } from './modes/remote-log-miner.ts';

/** What decides on the mode beside the extract type. */
export interface MiningServer {
  /** Of the server that mines: 19. */
  readonly release: number;
  /** The session that mines is in a pluggable database, not in the root. */
  readonly isInPluggable: boolean;
  /** Of the mining database. */
  readonly logPaths: readonly LogPath[];
}

const LAST_CONTINUOUS_RELEASE = 18;
const FIRST_IN_PLUGGABLE = 19;

/** @throws PenstockError PS2005 where the server cannot do it */
export function chooseMode(extractType: ExtractType, server: MiningServer): MiningMode {
  const { release, isInPluggable, logPaths } = server;
  if (isInPluggable) return inside(extractType, release);
  switch (extractType) {
    case 'logMiner':
      return logMiner;
    case 'fastLogMiner':
      return fastLogMiner;
    case 'remoteLogMiner':
      return remoteLogMiner(logPaths);
    case 'continuousLogMiner':
      return release <= LAST_CONTINUOUS_RELEASE ? continuousMine : onlineLogs;
    case 'fullExtracts':
    case 'timestamps':
      throw new PenstockError('PS9001', `extract type ${extractType} reads no logs`);
  }
}

function inside(extractType: ExtractType, release: number): MiningMode {
  if (extractType === 'continuousLogMiner' && release >= FIRST_IN_PLUGGABLE) return inPluggable;
  throw new PenstockError(
    'PS2005',
    `source.database is a pluggable database; extract type ${extractType} adds logs, which only the root can (ORA-65040)`,
    {
      remedy:
        'Choose the source type for pluggable databases and give source.rootDatabase, or extract type continuousLogMiner on 19c or newer.',
    },
  );
}
