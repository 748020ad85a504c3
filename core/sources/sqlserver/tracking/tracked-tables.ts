import { tableId } from '../../../changes/table-name.ts';
import { allRows, type Session } from '../server/session.ts';
import type { TrackedTable } from './stale-tables.ts';

/** All tracked tables of the database, by id. */
export async function readTracked(session: Session): Promise<ReadonlyMap<string, TrackedTable>> {
  const rows = await allRows(session, { tag: 'trackedTables' });
  return new Map(
    rows.map(([schema, name, objectId, least, begun]) => [
      tableId({ schema: schema ?? '', name: name ?? '' }),
      { objectId: objectId ?? '', leastVersion: least ?? '0', begunVersion: begun ?? '0' },
    ]),
  );
}
