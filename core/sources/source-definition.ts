import type { z } from 'zod';
import type { ProcessedLogfile } from '../events/flow-events.ts';
import type { Clock, Log, Randomness, SecretReference } from '../host/host.ts';
import type { ScratchSpace } from '../host/scratch.ts';
import type { SourceConnector } from './source-connector.ts';

/** What is known of a kind of source without its driver: enough to read, check and show a configuration. */
export interface SourceKind<Settings> {
  /** The `type` in the configuration: `postgres`. */
  readonly type: string;
  /** The name that people read: `PostgreSQL`. */
  readonly label: string;
  /** A strict object: unknown names are refused. */
  readonly settings: z.ZodType<Settings>;
  /** The order of a position as people read it; null: it is none of this kind's. Without this it is shown as it is. */
  readonly placeText?: (order: string) => string | null;
  /**
   * Bytes by which a position with so many chosen tables is longer than a place in the log, as the catalog stores it: for estimates of cost.
   * Without this: none.
   */
  readonly rememberedBytes?: (tables: number) => number;
}

/** How the kinds of a folder are connected. */
export interface SourceConnection<Settings> {
  /** Connects to nothing yet. */
  connect(settings: Settings, context: ConnectorContext): SourceConnector;
}

/** A kind of source with how it is connected. */
export interface SourceDefinition<Settings> extends SourceKind<Settings>, SourceConnection<Settings> {}

export interface ConnectorContext {
  readonly pipeline: string;
  /** Reads the password anew at every call, so that a rotated one is found. @throws PenstockError PS1002 */
  readonly password: () => Promise<string>;
  /** As `password`, for the other databases that a source's own settings name: each has its own reference. @throws PenstockError PS1002 */
  readonly secret: (reference: SecretReference) => Promise<string>;
  /** The user's *Extract Threads*: how much of the source is read at once. */
  readonly extractThreads: number;
  /** Whether a row of this table (id) with a value that does not fit stops it or is set aside. A copy of a stopped table fails with PS4004. */
  readonly misfits: (table: string) => MisfitPolicy;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  /** For transactions that are larger than memory and whose end stands behind them in the log. */
  readonly scratch: ScratchSpace;
  /** Told of each log file that was read to its end, where a source has such files. */
  readonly logfileProcessed: (file: ProcessedLogfile) => void;
}

export type MisfitPolicy = 'stop' | 'quarantine';
