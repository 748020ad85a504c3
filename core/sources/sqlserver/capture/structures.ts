import { tableId, type TableName } from '../../../changes/table-name.ts';
import type { TableSelection } from '../../source-connector.ts';
import type { Backfills, Reading } from '../describe.ts';
import type { LoggedTable } from '../logged-table.ts';
import { resolveTable } from '../logged-table-resolver.ts';
import { readBackfills } from '../server/backfills.ts';
import { allRows, type Session } from '../server/session.ts';
import { findSourceTables, type SourceTable } from '../source-table.ts';
import { asCaptured, readCapturedColumns } from './captured-table.ts';
import type { CaptureInstance, Instances } from './instances.ts';
import type { Segment } from './segments.ts';

/** A part of a table's changes. */
export interface TableSegment {
  readonly id: string;
  readonly segment: Segment;
}

/** How an instance is read, or why it cannot be. */
export type InstanceStructure =
  { readonly logged: LoggedTable; readonly ordinals: readonly number[] } | { readonly reason: string };

/** The structures of the instances of `segments`, by name; those of tables that are gone are left out. */
export async function readStructures(
  session: Session,
  reading: Reading,
  segments: readonly TableSegment[],
  selections: ReadonlyMap<string, TableSelection>,
  instances: Instances,
): Promise<ReadonlyMap<string, InstanceStructure>> {
  const structures = new Map<string, InstanceStructure>();
  if (segments.length === 0) return structures;
  const names = segments.map(({ segment }) => segment.instance.name);
  const sources = await findSourceTables(session, tablesOf(segments));
  const captured = await readCapturedColumns(session, names);
  for (const { id, segment } of segments) {
    const { instance } = segment;
    const selection = selections.get(id);
    const source = sources.get(tableId(instance.table));
    const columns = captured.get(instance.name);
    if (selection === undefined || source === undefined || columns === undefined) continue;
    const then = asCaptured(source, columns);
    const backfills = await oldRows(session, then, instance, instances.get(id) ?? []);
    const logged = resolveTable(then, selection, reading, backfills);
    const ordinalOf = new Map(columns.map(({ name, ordinal }) => [name, ordinal]));
    structures.set(
      instance.name,
      'reason' in logged
        ? logged
        : { logged, ordinals: logged.table.columns.map(({ source: { name } }) => ordinalOf.get(name) ?? 0) },
    );
  }
  return structures;
}

/** Each once: two instances may be of one table. */
function tablesOf(segments: readonly TableSegment[]): TableName[] {
  return [...new Map(segments.map(({ id, segment }) => [id, segment.instance.table])).values()];
}

/**
 * What rows have in columns that an instance is the first to capture: what the default says, but only where nothing was written to the
 * table from the statement that added them until the instance began; the older instance tells it, where it is still there.
 */
async function oldRows(
  session: Session,
  source: SourceTable,
  instance: CaptureInstance,
  chain: readonly CaptureInstance[],
): Promise<Backfills> {
  const older = chain[chain.indexOf(instance) - 1];
  const { start } = instance;
  if (older === undefined || start === null) return new Map();
  const history = await allRows(session, { tag: 'structureHistory', instances: [older.name] });
  const [first] = history.flatMap(([, , , lsn]) => (lsn !== null && lsn !== undefined ? [lsn] : []));
  if (first === undefined) return new Map();
  const looks = [{ instance: older.name, after: first, upTo: start }];
  if (start > first && (await allRows(session, { tag: 'changedInstances', instances: looks })).length > 0) {
    return new Map();
  }
  return readBackfills(session, source);
}
