import { tableId, type TableName } from '../../../changes/table-name.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { TableSelection } from '../../source-connector.ts';
import { compareVersions, type TrackedPlace } from '../place.ts';
import { qualified } from '../sql.ts';
import { staleTables, type TrackedTable } from './stale-tables.ts';

/** The statement that has a table tracked. */
export function enableTracking(table: TableName): string {
  return `ALTER TABLE ${qualified(table)} ENABLE CHANGE_TRACKING;`;
}

/** @throws PenstockError PS2005 for a table whose changes nobody records */
export function requireTracked(tables: readonly TableSelection[], tracked: ReadonlyMap<string, TrackedTable>): void {
  const missing = tables.find(({ table }) => !tracked.has(tableId(table)));
  if (missing === undefined) return;
  const id = tableId(missing.table);
  throw new PenstockError('PS2005', `changes of ${id} are not tracked`, {
    table: id,
    remedy: enableTracking(missing.table),
  });
}

/**
 * Whether anything can be read behind a place. Of tables whose changes are not whole any more the stream tells, as long as others are:
 * they are stopped or copied anew one by one. @throws PenstockError PS2001 a version before what was read, PS2006 none is whole
 */
export function requireTrackedReach(
  place: TrackedPlace,
  version: string,
  tables: readonly TableSelection[],
  tracked: ReadonlyMap<string, TrackedTable>,
  copiedAnew: ReadonlySet<string>,
): void {
  if (compareVersions(version, place.version) < 0) {
    throw new PenstockError(
      'PS2001',
      `the database is at version ${version} of change tracking, before ${place.version}, which was read: it was restored, or tracking was begun anew`,
    );
  }
  const all = tables.map(({ table }) => tableId(table));
  const others = all.filter((id) => !copiedAnew.has(id));
  // Where all are copied anew, a log that has nothing of them any more is begun anew, too.
  const needed = others.length > 0 ? others : all;
  const stale = staleTables(needed, tracked, place);
  // Of a table that was truncated, or whose tracking was off for a while, the stream tells: others are read on.
  const isCleaned = (id: string) => compareVersions(tracked.get(id)?.begunVersion ?? '0', place.version) <= 0;
  const lost = stale.flatMap((one) => one.tables).filter(isCleaned);
  if (needed.length === 0 || lost.length < needed.length) return;
  throw new PenstockError(
    'PS2006',
    `change tracking keeps changes behind version ${stale[0]?.version ?? version}, and ${place.version} was read last`,
  );
}
