import type { RecordLog } from './record-log.ts';
import type { ReadPart } from './thread-cursor.ts';

/** What of each thread need not be read again: mostly all before one address. A thread that is not in it: see the SCN beside it. */
export type ThreadPlaces = Readonly<Record<string, readonly ReadPart[]>>;

/** A transaction of which the end was not read, or was not told yet. */
export interface OpenTransaction {
  /** See transaction-key.ts. */
  readonly key: string;
  readonly slot: string;
  /** SCN of the first row. */
  readonly scn: string;
  /** Time of the first row. */
  readonly since: string;
  /** Where every thread stood when the first row was read. */
  readonly places: ThreadPlaces;
  readonly records: RecordLog;
}
