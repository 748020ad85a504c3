import { guardedWork } from '../../session.ts';
import { sourceError } from '../errors.ts';
import type { OracleSettings } from '../settings.ts';
import type { Statement } from '../statements/statement.ts';
import type { SessionOpener } from './session.ts';

/** What every part needs to reach the servers. */
export interface Access {
  readonly settings: OracleSettings;
  /** The database whose tables are read; of a container database the pluggable one. */
  readonly open: SessionOpener;
  /** Where the redo logs are listed: the root of a container database; else the same database as `open`. */
  readonly openRoot: SessionOpener;
  /** Where LogMiner runs: the mining database of extract type remoteLogMiner; else the same database as `openRoot`. */
  readonly openMining: SessionOpener;
}

export const { guarded, withSession } = guardedWork<Statement>(sourceError);
