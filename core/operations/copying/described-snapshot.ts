import type { TableSchema } from '../../changes/table-schema.ts';
import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { Snapshot, SnapshotPlace } from '../../sources/source-connector.ts';
import { concernsTable } from './copy-table.ts';
import type { OperationContext } from '../operation-context.ts';
import { selectionOf, tableSettings } from '../pipeline-tables.ts';

/** A snapshot with the structures that its tables have in it; a table that cannot be described has its error. */
export interface DescribedSnapshot {
  readonly snapshot: Snapshot;
  readonly structures: ReadonlyMap<string, Described>;
}

/**
 * Opens a snapshot and finds out the structures in it. A source describes its tables as they are now, not as they are in a
 * snapshot, so they are asked before and after it is taken, until both are the same: a copy with a newer structure than
 * its snapshot's would refuse the changes that the log has before the structure changed.
 * `readers`: how many chunks are read at once at most. `place`: the snapshot that is wanted once more, if it can be had; null: a new one.
 * `refused`: tables that are not to be read, with their errors.
 */
export async function openDescribedSnapshot(
  context: OperationContext,
  chosen: readonly string[],
  readers: number,
  place: SnapshotPlace | null,
  refused: ReadonlyMap<string, PenstockError> = new Map(),
): Promise<DescribedSnapshot> {
  const ids = chosen.filter((id) => !refused.has(id));
  const { host, settings, signal, source } = context;
  const tables = ids.map((id) => selectionOf(tableSettings(settings, id)));
  const request = { tables, readers };
  let before = await describeAll(context, ids);
  let wanted = place;
  for (;;) {
    const again = wanted === null ? null : await source.reopenSnapshot?.(wanted, request, signal);
    const snapshot = again ?? (await source.openSnapshot(request, signal));
    wanted = null;
    try {
      const structures = await describeAll(context, ids);
      if (ids.every((id) => isSame(before.get(id), structures.get(id)))) {
        return { snapshot, structures: new Map([...structures, ...refused]) };
      }
      before = structures;
    } catch (error) {
      await snapshot[Symbol.asyncDispose]();
      throw error;
    }
    await snapshot[Symbol.asyncDispose]();
    host.log.info('a structure changed while the snapshot was taken; another one is taken', {});
  }
}

type Described = TableSchema | PenstockError;

/** All at once; one by one where that fails because of one of them. */
async function describeAll(context: OperationContext, ids: readonly string[]): Promise<Map<string, Described>> {
  const selections = ids.map((id) => selectionOf(tableSettings(context.settings, id)));
  try {
    const schemas = await context.source.describeTables(selections, context.signal);
    return new Map(schemas.map((schema) => [tableId(schema.table), schema]));
  } catch (error) {
    if (!concernsTable(error) || error.retry === 'timed') throw error;
  }
  const described = new Map<string, Described>();
  for (const id of ids) described.set(id, await describeOne(context, id));
  return described;
}

async function describeOne(context: OperationContext, id: string): Promise<Described> {
  try {
    const selection = selectionOf(tableSettings(context.settings, id));
    const [schema] = await context.source.describeTables([selection], context.signal);
    return schema ?? new PenstockError('PS1005', id, { table: id });
  } catch (error) {
    if (!concernsTable(error) || error.retry === 'timed') throw error;
    return error;
  }
}

/** A table that cannot be described is the same: its error stops it, whatever it was before. */
function isSame(before: Described | undefined, after: Described | undefined): boolean {
  if (after === undefined || after instanceof PenstockError) return true;
  return before !== undefined && !(before instanceof PenstockError) && before.fingerprint === after.fingerprint;
}
