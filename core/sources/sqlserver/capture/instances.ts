import { tableId, type TableName } from '../../../changes/table-name.ts';
import { allRows, type Session } from '../server/session.ts';

/** A capture instance: a change table that holds what becomes of a table from its start on. At most two a table. */
export interface CaptureInstance {
  readonly table: TableName;
  readonly name: string;
  readonly objectId: string;
  /** Null: the capture job has not got to its beginning yet, which is behind all that was captured. */
  readonly start: string | null;
  /** The least LSN from which its rows are whole; null: the user may not know, or it has not begun. */
  readonly least: string | null;
  readonly hasCommandId: boolean;
}

const NOTHING = '0'.repeat(20);

/** By table id, the older one first. */
export type Instances = ReadonlyMap<string, readonly CaptureInstance[]>;

export async function readInstances(session: Session): Promise<Instances> {
  const instances = new Map<string, CaptureInstance[]>();
  for (const row of await allRows(session, { tag: 'captureInstances' })) {
    const [schema, name, instance, objectId, , start, least, hasCommandId] = row;
    // The table was dropped meanwhile.
    if (schema === null || schema === undefined || name === null || name === undefined) continue;
    const table = { schema, name };
    const id = tableId(table);
    const one = {
      table,
      name: instance ?? '',
      objectId: objectId ?? '',
      start: start === undefined || start === NOTHING ? null : start,
      least: least === null || least === undefined || least === NOTHING ? null : least,
      hasCommandId: hasCommandId === '1',
    };
    instances.set(id, [...(instances.get(id) ?? []), one]);
  }
  for (const some of instances.values()) some.sort((a, b) => byStart(a.start, b.start));
  return instances;
}

/** What has not begun comes last. */
function byStart(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
