import type { TableRecord } from '../catalog/records.ts';
import { tableSchema, type TableSchema } from '../changes/table-schema.ts';
import type { StructureChange } from '../destinations/destination.ts';
import type { TargetTable } from '../destinations/target-table.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { CheckedDifferences } from './checked-differences.ts';
import type { LoadContext } from './load-context.ts';
import { laterColumn, type Difference } from './structure-differences.ts';
import { AWAITED } from './structure.ts';

type Rename = Extract<StructureChange, { tag: 'rename' }>;

/** The differences of a table that are to be made good: none of them impossible. */
export interface StructureWork extends CheckedDifferences {
  readonly table: string;
  /** The structure that the destination table has by the catalog, and the one that it is to have. */
  readonly has: TableSchema;
  readonly now: TableSchema;
  /** As it is to be. */
  readonly target: TargetTable;
  /** Structures of rows that wait to be loaded, but for `now`. */
  readonly logged: readonly TableSchema[];
  /** The last extract that is applied to the table. */
  readonly applied: number;
  /** Whether the table was stopped for it and loads again afterwards. */
  readonly resumes: boolean;
}

/**
 * Makes the differences of a table good, and lets it load again if it had stopped for them. Each statement is safe to repeat; columns
 * that were dropped and renamed are written down before others may take their names, so that an interruption is gone on with.
 */
export async function applyStructure(context: LoadContext, work: StructureWork): Promise<TableRecord> {
  await context.lease.hold?.();
  const record = work.differences.some(({ kind }) => kind === 'key')
    ? await rebuild(context, work)
    : await alter(context, work);
  report(context, work);
  return record;
}

async function alter(context: LoadContext, work: StructureWork): Promise<TableRecord> {
  const { destination, host, pipeline, lease, signal } = context;
  const { target, has, now } = work;
  const changes = work.differences.flatMap(({ change }) => (change === null ? [] : [change]));
  const drops = changes.filter(({ tag }) => tag === 'drop').map(({ column }) => column);
  for (const column of drops) await destination.dropColumn({ pipeline, epoch: lease.epoch, target, column }, signal);
  let schema = has;
  if (drops.length > 0) {
    await host.failpoint('sync.after-drop');
    const columns = has.columns.filter((column) => laterColumn(column, now) !== null || !drops.includes(column.name));
    schema = tableSchema({ table: has.table, columns, identity: has.identity });
    await write(context, work, { schema, renames: [], gone: drops, isLast: false });
  }
  for (const change of changes.filter((one) => one.tag === 'rename')) {
    await destination.applyStructure(target, change, signal);
    await host.failpoint('sync.after-rename');
    schema = renamed(schema, change);
    await write(context, work, { schema, renames: [change], gone: [], isLast: false });
  }
  for (const change of changes) {
    if (change.tag !== 'rename' && change.tag !== 'drop') await destination.applyStructure(target, change, signal);
  }
  await host.failpoint('sync.after-changes');
  return write(context, work, { schema: now, renames: [], gone: goneColumns(work), isLast: true });
}

function renamed({ table, columns, identity }: TableSchema, { from, column: to }: Rename): TableSchema {
  const changed = columns.map((column) => (column.name === from ? { ...column, name: to } : column));
  return tableSchema({ table, columns: changed, identity });
}

/**
 * The table is made anew beside itself from its own rows, under its new key and with all other changes, and takes its own place.
 * What it will be stands in the catalog before the destination decides that it will: see {@link endRebuild}.
 */
async function rebuild(context: LoadContext, work: StructureWork): Promise<TableRecord> {
  const { catalog, destination, host, pipeline, lease, signal } = context;
  const { table, target, sources, applied, differences } = work;
  const dropped = differences.flatMap(({ change }) => (change?.tag === 'drop' ? [change.column] : []));
  const renames = differences.flatMap(({ change }) => (change?.tag === 'rename' ? [change] : []));
  await catalog.updateTable(table, lease, (before) => {
    const after = written(known(before, table), work, {
      schema: work.now,
      renames,
      gone: goneColumns(work),
      isLast: true,
    });
    const { schema, olderFingerprints, renames: all, keptColumns } = after;
    return {
      ...known(before, table),
      rebuild: { schema: schema ?? work.now, olderFingerprints, renames: all, keptColumns },
    };
  });
  await destination.rebuild({ pipeline, epoch: lease.epoch, target, sources, dropped, applied }, signal);
  await host.failpoint('sync.after-rebuild');
  return endRebuild(context, table, target, work.resumes);
}

/**
 * Ends what {@link applyStructure} began and the destination has decided to do: by who began it, or by who loads next.
 * `target`: where the table lives. Safe to repeat.
 */
export async function endRebuild(
  context: LoadContext,
  table: string,
  target: TargetTable,
  resumes: boolean,
): Promise<TableRecord> {
  const { catalog, destination, host, pipeline, lease, signal } = context;
  const record = await catalog.updateTable(table, lease, (before) => {
    const stands = known(before, table);
    const state = resumes ? ({ tag: 'following' } as const) : stands.state;
    return { ...stands, state, ...(stands.rebuild ?? {}), structureSince: AWAITED, rebuild: null };
  });
  await host.failpoint('sync.after-changes');
  await destination.endRebuild({ pipeline, epoch: lease.epoch, target }, signal);
  return record;
}

interface Written {
  readonly schema: TableSchema;
  readonly renames: readonly Rename[];
  /** Columns that the source dropped. */
  readonly gone: readonly string[];
  readonly isLast: boolean;
}

function goneColumns({ differences }: StructureWork): string[] {
  return differences.flatMap(({ kind, column }) => (kind === 'drop' && column !== null ? [column] : []));
}

async function write(context: LoadContext, work: StructureWork, step: Written): Promise<TableRecord> {
  return context.catalog.updateTable(work.table, context.lease, (before) =>
    written(known(before, work.table), work, step),
  );
}

function known(record: TableRecord | null, table: string): TableRecord {
  if (record === null) throw new PenstockError('PS9001', `${table} is synchronised but not in the catalog`);
  return record;
}

/** Rows of all structures before this one may still come: from extracts that are not loaded, and from the log. */
function written(before: TableRecord, work: StructureWork, { schema, renames, gone, isLast }: Written): TableRecord {
  const older = [
    ...before.olderFingerprints,
    work.has.fingerprint,
    ...work.logged.map(({ fingerprint }) => fingerprint),
  ];
  if (before.schema !== null) older.push(before.schema.fingerprint);
  return {
    ...before,
    state: isLast && work.resumes ? { tag: 'following' } : before.state,
    schema,
    structureSince: AWAITED,
    olderFingerprints: [...new Set(older)].filter((fingerprint) => fingerprint !== schema.fingerprint),
    renames: [...before.renames, ...renames.map(({ from, column }) => ({ from, to: column }))],
    keptColumns: [...new Set([...before.keptColumns, ...gone])],
  };
}

function report({ host, pipeline }: LoadContext, { table, differences, resumes }: StructureWork): void {
  for (const { what } of differences) {
    const generated = host.clock.timestamp();
    host.events.emit({ type: 'StructureChanged', pipeline, generated, table, change: what });
    host.log.info('structure changed at the destination', { table, change: what });
  }
  if (resumes) host.log.info('the table loads again', { table });
}

/** Why differences are not made good by themselves; null: they are. */
export function whatWaits(
  differences: readonly Difference[],
  isAutomatic: (kind: Difference['kind']) => boolean,
): string | null {
  const impossible = differences.filter((one) => one.class === 'impossible');
  if (impossible.length > 0) return impossible.map(({ what, reason }) => `${what}: ${reason}`).join('; ');
  const waiting = differences.filter(({ kind }) => !isAutomatic(kind));
  return waiting.length === 0 ? null : `${waiting.map(({ what }) => what).join('; ')}: it waits, as structure says`;
}
