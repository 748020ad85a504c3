import type { TableSchema } from '../changes/table-schema.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CopiedSettings } from '../catalog/copied-settings.ts';
import type { Lease } from '../catalog/lease.ts';
import type { Destination } from '../destinations/destination.ts';
import type { TargetTable } from '../destinations/target-table.ts';
import type { Host } from '../host/host.ts';
import type { StructurePolicy } from '../pipeline/structure-policy.ts';
import type { MisfitPolicy } from '../sources/source-definition.ts';

/** What loading needs. The caller holds the loader's lease. */
export interface LoadContext {
  readonly pipeline: string;
  readonly host: Host;
  readonly catalog: Catalog;
  readonly destination: Destination;
  readonly lease: Lease;
  /** Whether the tables of an extract commit together, or each by itself. */
  readonly consistency: 'extract' | 'table';
  readonly misfits: (table: string) => MisfitPolicy;
  readonly structure: (table: string) => StructurePolicy;
  /** Whether a table at the destination may be replaced by one that was made anew. */
  readonly mayReplace: boolean;
  /** Where and how a table lives at the destination. @throws PenstockError PS1003 */
  readonly targetOf: (table: string, schema: TableSchema) => TargetTable;
  /** What a table would be copied with now; null where it is not chosen any more. */
  readonly settingsOfCopy: (table: string) => CopiedSettings | null;
  /** Ids of all chosen tables. */
  readonly knownTables: readonly string[];
  /** Whether each table of each extract is an event. */
  readonly emitsTableLoaded: boolean;
  readonly signal: AbortSignal;
  readonly onLoad: (load: {
    readonly extract: number;
    readonly rows: number;
    readonly lagMilliseconds: number;
  }) => void;
}
