import type { TableRecord } from '../catalog/records.ts';
import type { TableSchema } from '../changes/table-schema.ts';
import type { MergePart, StructureChange } from '../destinations/destination.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { readLines, readMisfits, type ExtractPiece } from '../extracts/read-piece.ts';
import type { ExtractPart } from '../extracts/manifest.ts';
import type { LoadContext } from './load-context.ts';
import { partColumns, type ColumnFates } from './part-columns.ts';
import { applyStructure, whatWaits } from './apply-structure.ts';
import { checkedDifferences } from './checked-differences.ts';
import { AWAITED, planStructure, withSourceIds } from './structure.ts';

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
  const listed = pieces.flatMap((piece) =>
    piece.manifest.parts
      .filter((part) => include.has(part.table))
      .map((part) => ({ piece, part, extract: piece.manifest.extract })),
  );
  // All changes of structure come first: a part that is older than one of them has to know the columns that it lacks.
  for (const { part } of listed) refuseObstacle(part);
  const structures = new Map<string, TableSchema>();
  const seen = new Map<string, Set<string>>();
  for (const { part, extract } of listed) {
    const earlier = seen.get(part.table) ?? new Set();
    seen.set(part.table, earlier);
    structures.set(part.table, await followStructure(context, { part, extract, earlier }, known));
    earlier.add(part.schema.fingerprint);
  }
  const opened: MergePart[] = [];
  for (const { piece, part } of listed) {
    const fates = known.recordOf(part.table) ?? NO_FATES;
    opened.push(await openPart(context, piece, part, structures.get(part.table) ?? part.schema, fates));
  }
  return opened;
}

const NO_FATES: ColumnFates = { renames: [], keptColumns: [] };

/** First of all: a part with an obstacle need not know the table's structure. */
function refuseObstacle({ table, obstacle }: ExtractPart): void {
  if (obstacle !== null) throw new PenstockError('PS4012', `${table}: ${obstacle}`, { table });
}

async function openPart(
  context: LoadContext,
  piece: ExtractPiece,
  part: ExtractPart,
  schema: TableSchema,
  fates: ColumnFates,
): Promise<MergePart> {
  const { host, signal } = context;
  const misfits = await readMisfits(host, piece, part, signal);
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
    columns: partColumns(part.schema, schema, fates),
    truncatedAt: part.truncatedAt,
    rows: part.rows,
    hasAbsent: part.hasAbsent,
    open: () => readLines(host, piece, part, signal),
    misfits,
  };
}

/** A part in its place: `earlier` holds the fingerprints of the table's parts before it in the same extract. */
interface PlacedPart {
  readonly part: ExtractPart;
  readonly extract: number;
  readonly earlier: ReadonlySet<string>;
}

/** Brings the destination table to the structure of the part's rows; @returns the structure that it has then. */
async function followStructure(
  context: LoadContext,
  { part, extract, earlier }: PlacedPart,
  known: KnownTables,
): Promise<TableSchema> {
  const record = known.recordOf(part.table);
  if (record === null || record.schema === null)
    throw new PenstockError('PS9001', `${part.table} is loaded but its structure is not known`);
  if (isOlder(record, record.schema, { part, extract, earlier })) return record.schema;
  const plan = planStructure(record.schema, part.schema, record.keptColumns);
  if (plan.tag === 'same') {
    if (record.structureSince === AWAITED)
      known.onStructure(await setStructure(context, record, record.schema, extract));
    return record.schema;
  }
  const policy = context.structure(part.table);
  if (plan.tag === 'safe' && plan.changes.every(({ tag }) => policy[tag] === 'automatic')) {
    const target = context.targetOf(part.table, part.schema);
    for (const change of plan.changes) await applyChange(context, part.table, target, change);
    const schema = withSourceIds(part.schema, record.schema);
    if (schema.fingerprint === record.schema.fingerprint && record.structureSince !== AWAITED) return record.schema;
    known.onStructure(await setStructure(context, record, schema, extract));
    return schema;
  }
  known.onStructure(await followByPolicy(context, record, record.schema, { part, extract, earlier }));
  return followStructure(context, { part, extract, earlier }, known);
}

/** What the policy lets be done and costs more than a statement. @throws PenstockError PS4005 for what it does not */
async function followByPolicy(
  context: LoadContext,
  record: TableRecord,
  has: TableSchema,
  { part, extract, earlier }: PlacedPart,
): Promise<TableRecord> {
  const { table } = part;
  const policy = context.structure(table);
  const refuse = (reason: string): PenstockError => new PenstockError('PS4005', `${table}: ${reason}`, { table });
  const now = withSourceIds(part.schema, has);
  const target = context.targetOf(table, now);
  const drops = policy.drop === 'drop' ? 'drop' : 'keep';
  const { mayReplace } = context;
  const compared = { has, now, kept: record.keptColumns, drops, readFrom: 'log', mayReplace } as const;
  const checked = await checkedDifferences(context, target, compared);
  const reason = whatWaits(checked.differences, (kind) => kind !== 'none' && policy[kind] !== 'wait');
  if (reason !== null) throw refuse(reason);
  const { differences } = checked;
  if (differences.some(({ kind }) => kind === 'key') && earlier.size > 0)
    throw refuse('its key changed within one transaction that changed rows before and after');
  // Nothing that could be done is left, and the structures are not the same: the destination was changed by somebody.
  if (differences.length === 0) throw refuse('the destination has another structure than the catalog');
  const work = { table, has, now, target, ...checked, logged: [], applied: extract - 1, resumes: false };
  return applyStructure(context, work);
}

async function setStructure(
  context: LoadContext,
  record: TableRecord,
  schema: TableSchema,
  extract: number,
): Promise<TableRecord> {
  return context.catalog.updateTable(record.table, context.lease, (before) => {
    const stands = before ?? record;
    const older = stands.schema === null ? [] : [stands.schema.fingerprint];
    const olderFingerprints = [...new Set([...stands.olderFingerprints, ...older])];
    return {
      ...stands,
      schema,
      structureSince: extract,
      olderFingerprints: olderFingerprints.filter((one) => one !== schema.fingerprint),
    };
  });
}

/**
 * Whether the part was written before the table got the structure that it has. The same fingerprint after that is no old part:
 * the source went back to an earlier structure, by dropping a column.
 */
function isOlder(record: TableRecord, current: TableSchema, { part, extract, earlier }: PlacedPart): boolean {
  if (!record.olderFingerprints.includes(part.schema.fingerprint)) return false;
  return extract < record.structureSince || (extract === record.structureSince && !earlier.has(current.fingerprint));
}

async function applyChange(
  context: LoadContext,
  table: string,
  target: Parameters<LoadContext['destination']['applyStructure']>[0],
  change: Exclude<StructureChange, { tag: 'drop' }>,
): Promise<void> {
  const { destination, host, pipeline, signal } = context;
  await destination.applyStructure(target, change, signal);
  const text = `${change.tag} column ${change.column}`;
  host.events.emit({ type: 'StructureChanged', pipeline, generated: host.clock.timestamp(), table, change: text });
  host.log.info('structure changed at the destination', { table, change: text });
}
