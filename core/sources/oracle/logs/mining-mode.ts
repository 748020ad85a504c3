import type { ThreadLogs } from './inventory.ts';
import type { LogFile } from './log-file.ts';
import type { LogPlace } from './log-place.ts';
import type { PassLimits } from './passes.ts';
import type { RoundPlan } from './round-plan.ts';
import type { OpenWork } from './windows.ts';

/** What a mode plans a round from. */
export interface RoundInput {
  readonly inventory: readonly ThreadLogs[];
  /** All logs that were listed, of all threads, each maybe twice: for the dictionary. */
  readonly files: readonly LogFile[];
  readonly place: LogPlace;
  readonly limits: PassLimits;
  /** By the server's clock, as log-file.ts has it. */
  readonly now: number;
  /** Null where the mode does not ask for it. */
  readonly work: OpenWork | null;
}

/** How logs are chosen and given to LogMiner. Pure: what it plans is read by mining-rounds.ts. */
export interface MiningMode {
  readonly name: 'logMiner' | 'fastLogMiner' | 'remoteLogMiner' | 'onlineLogs' | 'continuousMine' | 'inPluggable';
  /** Whether it reads what is written now, so that {@link OpenWork} is needed. */
  readonly followsOnline: boolean;
  /** LogMiner has the dictionary of the redo logs, which have to be listed from its beginning. */
  readonly needsDictionary: boolean;
  /** The next round; null: nothing is to be read now. @throws PenstockError PS2006 */
  plan(input: RoundInput): RoundPlan | null;
}
