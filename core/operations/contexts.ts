import { Catalog } from '../catalog/catalog.ts';
import type { Lease } from '../catalog/lease.ts';
import type { SourcePosition } from '../changes/position.ts';
import { tableId } from '../changes/table-name.ts';
import { millisecondsFromTimestamp } from '../changes/timestamp.ts';
import { targetOf } from '../destinations/target-naming.ts';
import type { FollowContext } from '../extracts/follow-context.ts';
import { settingsOfCopy } from '../loads/changed-settings.ts';
import type { LoadContext } from '../loads/load-context.ts';
import type { OperationContext } from './operation-context.ts';
import { followedTables, tableSettings } from './pipeline-tables.ts';

export function catalogOf(context: OperationContext): Catalog {
  return new Catalog(context.settings.pipeline, context.host);
}

/** What the loader needs of an operation's context. */
export function loadContext(context: OperationContext, lease: Lease, signal: AbortSignal): LoadContext {
  const { settings, host, destination, progress } = context;
  return {
    pipeline: settings.pipeline,
    host,
    catalog: catalogOf(context),
    destination,
    lease,
    consistency: settings.consistency,
    misfits: (table) => tableSettings(settings, table).misfits,
    structure: (table) => tableSettings(settings, table).structure,
    mayReplace: !settings.destination.truncateInsteadOfDrop,
    targetOf: (table, schema) => targetOf(settings, tableSettings(settings, table), schema),
    settingsOfCopy: (table) => {
      const chosen = settings.tables.find((candidate) => tableId(candidate.table) === table);
      return chosen === undefined ? null : settingsOfCopy(settings, chosen);
    },
    knownTables: settings.tables.map(({ table }) => tableId(table)),
    emitsTableLoaded: settings.events.tableLoaded,
    signal,
    onLoad: ({ extract, rows, lagMilliseconds }) => {
      progress({ tag: 'load', extract, rows, lagMilliseconds });
    },
  };
}

/** What the reader needs of an operation's context; reads the tables' standing from the catalog. */
export async function followContext(
  context: OperationContext,
  lease: Lease,
  until: SourcePosition | null,
  signal: AbortSignal,
): Promise<FollowContext> {
  const { settings, host, source, progress } = context;
  const catalog = catalogOf(context);
  return {
    pipeline: settings.pipeline,
    host,
    catalog,
    source,
    lease,
    settings: settings.extracts,
    tables: followedTables(settings, await catalog.tables()),
    vanished: [],
    until,
    signal,
    onExtract: ({ number, rows, bytes, sourceDate }) => {
      const lagMilliseconds = Math.max(0, host.clock.now() - millisecondsFromTimestamp(sourceDate));
      progress({ tag: 'extract', extract: number, rows, bytes, sourceDate, lagMilliseconds });
    },
  };
}
