import type { SourcePosition } from '../changes/position.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Lease } from '../catalog/lease.ts';
import type { Host } from '../host/host.ts';
import type { ExtractSettings } from '../pipeline/settings.ts';
import type { SourceConnector } from '../sources/source-connector.ts';
import type { FollowedTable, VanishedTable } from './followed-table.ts';

/** What following a log needs. */
export interface FollowContext {
  readonly pipeline: string;
  readonly host: Host;
  readonly catalog: Catalog;
  readonly source: SourceConnector;
  readonly lease: Lease;
  readonly settings: ExtractSettings;
  readonly tables: readonly FollowedTable[];
  /** Tables that stop before anything else is extracted. */
  readonly vanished: readonly VanishedTable[];
  /** Ends at the first transaction boundary at or after this place; null: goes on until `signal` aborts. */
  readonly until: SourcePosition | null;
  readonly signal: AbortSignal;
  readonly onExtract: (extract: ExtractDone) => void;
}

/** An extract that is durable and visible. */
export interface ExtractDone {
  readonly number: number;
  readonly rows: number;
  /** Of its objects. */
  readonly bytes: number;
  readonly sourceDate: string;
}
