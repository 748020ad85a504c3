import type { TableRecord } from '../catalog/records.ts';
import type { TableSchema } from '../changes/table-schema.ts';
import type { MergePart, StructureChange } from '../destinations/destination.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { readLines, readMisfits, type ExtractPiece } from '../extracts/read-piece.ts';
import type { ExtractPart } from '../extracts/manifest.ts';
import type { LoadContext } from './load-context.ts';
import { planStructure } from './structure.ts';

/** What the loader knows of tables while parts are opened. */
export interface KnownTables {
  readonly recordOf: (table: string) => TableRecord | null;
  /** The table's structure was changed at the destination and in the catalog. */
  readonly onStructure: (record: TableRecord) => void;
}

/**
 * The parts of an extract that `include` names, ready to merge; structure changes that lose nothing are applied on the way.
 * @throws PenstockError with `table`: PS4004 for rows set aside where the policy is to stop, PS4005 for a change that is not applied by itself
 */
export async function openParts(
  context: LoadContext,
  pieces: readonly ExtractPiece[],
  include: ReadonlySet<string>,
  known: KnownTables,
): Promise<MergePart[]> {
  const listed = pieces.flatMap(({ key, manifest }) =>
    manifest.parts.filter((part) => include.has(part.table)).map((part) => ({ key, part })),
  );
  // All changes of structure come first: a part that is older than one of them has to know the columns that it lacks.
  for (const { part } of listed) refuseObstacle(part);
  const structures = new Map<string, TableSchema>();
  for (const { part } of listed) structures.set(part.table, await followStructure(context, part, known));
  const opened: MergePart[] = [];
  for (const { key, part } of listed) {
    opened.push(await openPart(context, key, part, structures.get(part.table) ?? part.schema));
  }
  return opened;
}

/** First of all: a part with an obstacle need not know the table's structure. */
function refuseObstacle({ table, obstacle }: ExtractPart): void {
  if (obstacle !== null) throw new PenstockError('PS4012', `${table}: ${obstacle}`, { table });
}

async function openPart(context: LoadContext, key: string, part: ExtractPart, schema: TableSchema): Promise<MergePart> {
  const { host, signal } = context;
  const misfits = await readMisfits(host, key, part, signal);
  const first = misfits[0];
  if (first !== undefined && context.misfits(part.table) === 'stop') {
    throw new PenstockError(
      'PS4004',
      `${misfits.length} rows of ${part.table}: column ${first.column}: ${first.reason}`,
      {
        table: part.table,
      },
    );
  }
  return {
    target: context.targetOf(part.table, schema),
    columns: part.schema.columns.map((column) => column.name),
    truncatedAt: part.truncatedAt,
    rows: part.rows,
    hasAbsent: part.hasAbsent,
    open: () => readLines(host, key, part, signal),
    misfits,
  };
}

/** Brings the destination table to the structure of the part's rows; @returns the structure that it has then. */
async function followStructure(context: LoadContext, part: ExtractPart, known: KnownTables): Promise<TableSchema> {
  const record = known.recordOf(part.table);
  if (record === null || record.schema === null)
    throw new PenstockError('PS9001', `${part.table} is loaded but its structure is not known`);
  if (record.olderFingerprints.includes(part.schema.fingerprint)) return record.schema;
  const plan = planStructure(record.schema, part.schema);
  if (plan.tag === 'same') return record.schema;
  if (plan.tag === 'unsafe') throw new PenstockError('PS4005', `${part.table}: ${plan.reason}`, { table: part.table });
  const target = context.targetOf(part.table, part.schema);
  for (const change of plan.changes) await applyChange(context, part.table, target, change);
  const older = record.schema.fingerprint;
  const changed = await context.catalog.updateTable(part.table, context.lease, (before) => ({
    ...(before ?? record),
    schema: part.schema,
    olderFingerprints: [...new Set([...(before ?? record).olderFingerprints, older])],
  }));
  known.onStructure(changed);
  return part.schema;
}

async function applyChange(
  context: LoadContext,
  table: string,
  target: Parameters<LoadContext['destination']['applyStructure']>[0],
  change: StructureChange,
): Promise<void> {
  const { destination, host, pipeline, signal } = context;
  await destination.applyStructure(target, change, signal);
  const text = `${change.tag} column ${change.column}`;
  host.events.emit({ type: 'StructureChanged', pipeline, generated: host.clock.timestamp(), table, change: text });
  host.log.info('structure changed at the destination', { table, change: text });
}
