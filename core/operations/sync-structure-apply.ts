import type { Lease } from '../catalog/lease.ts';
import { tableSchema, type TableSchema } from '../changes/table-schema.ts';
import type { StructureChange } from '../destinations/destination.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { AWAITED } from '../loads/structure.ts';
import { catalogOf } from './contexts.ts';
import type { OperationContext } from './operation-context.ts';
import type { ComparableTable } from './sync-structure-compare.ts';

type Rename = Extract<StructureChange, { tag: 'rename' }>;

/**
 * Makes the differences of a table good, and lets it load again if it had stopped for them. Each statement is safe to repeat; a column
 * that was renamed is written down before another may take its name, so that an interruption is gone on with.
 */
export async function applyStructure(
  context: OperationContext,
  lease: Lease,
  compared: ComparableTable,
): Promise<void> {
  const { destination, host, signal } = context;
  const { differences, has, now, resumes, target } = compared;
  if (differences.length === 0 && !resumes) return;
  const changes = differences.flatMap(({ change }) => (change === null ? [] : [change]));
  const renames = changes.filter((change) => change.tag === 'rename');
  let schema = has;
  for (const change of renames) {
    await destination.applyStructure(target, change, signal);
    await host.failpoint('sync.after-rename');
    schema = renamed(schema, change);
    await write(context, lease, compared, { schema, renames: [change], isLast: false });
  }
  for (const change of changes.filter(({ tag }) => tag !== 'rename')) {
    await destination.applyStructure(target, change, signal);
  }
  await host.failpoint('sync.after-changes');
  await write(context, lease, compared, { schema: now, renames: [], isLast: true });
  report(context, compared);
}

function renamed(has: TableSchema, { from, column: to }: Rename): TableSchema {
  const columns = has.columns.map((column) => (column.name === from ? { ...column, name: to } : column));
  return tableSchema({ table: has.table, columns, identity: has.identity });
}

interface Written {
  readonly schema: TableSchema;
  readonly renames: readonly Rename[];
  readonly isLast: boolean;
}

/** Rows of all structures before this one may still come: from extracts that are not loaded, and from the log. */
async function write(
  context: OperationContext,
  lease: Lease,
  { table, has, differences, logged, resumes }: ComparableTable,
  { schema, renames, isLast }: Written,
): Promise<void> {
  const dropped = differences.flatMap(({ column, change }) => (column === null || change !== null ? [] : [column]));
  await catalogOf(context).updateTable(table, lease, (before) => {
    if (before === null) throw new PenstockError('PS9001', `${table} is synchronised but not in the catalog`);
    const older = [...before.olderFingerprints, has.fingerprint, ...logged.map(({ fingerprint }) => fingerprint)];
    if (before.schema !== null) older.push(before.schema.fingerprint);
    return {
      ...before,
      state: isLast && resumes ? { tag: 'following' } : before.state,
      schema,
      structureSince: AWAITED,
      olderFingerprints: [...new Set(older)].filter((fingerprint) => fingerprint !== schema.fingerprint),
      renames: [...before.renames, ...renames.map(({ from, column }) => ({ from, to: column }))],
      keptColumns: isLast ? [...new Set([...before.keptColumns, ...dropped])] : before.keptColumns,
    };
  });
}

function report({ host, settings }: OperationContext, { table, differences, resumes }: ComparableTable): void {
  for (const { what } of differences) {
    const generated = host.clock.timestamp();
    host.events.emit({ type: 'StructureChanged', pipeline: settings.pipeline, generated, table, change: what });
    host.log.info('structure changed at the destination', { table, change: what });
  }
  if (resumes) host.log.info('the table loads again', { table });
}
