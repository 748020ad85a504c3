import { tableId, type TableName } from '../../../changes/table-name.ts';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { TableSelection } from '../../source-connector.ts';
import type { CapturedReach } from '../place.ts';
import { literal } from '../sql.ts';
import type { CaptureInstance, Instances } from './instances.ts';
import { staleTables } from './segments.ts';

/** The statement that has a table captured. `instance`: another one than the first. */
export function captureTable({ schema, name }: TableName, instance: string | null = null): string {
  const named = instance === null ? '' : ` @capture_instance = ${literal(instance)},`;
  return `EXEC sys.sp_cdc_enable_table @source_schema = ${literal(schema)}, @source_name = ${literal(name)}, @role_name = NULL,${named} @supports_net_changes = 0;`;
}

/** The statements that have a table captured as it is now, beside the instance that is being read; at most two are possible. */
export function captureAgain(table: TableName, instances: readonly CaptureInstance[]): string {
  const names = new Set(instances.map(({ name }) => name));
  let number = 2;
  while (names.has(`${table.schema}_${table.name}_${number}`)) number++;
  const [oldest] = instances;
  const room =
    instances.length < 2 || oldest === undefined
      ? ''
      : `EXEC sys.sp_cdc_disable_table @source_schema = ${literal(table.schema)}, @source_name = ${literal(table.name)}, @capture_instance = ${literal(oldest.name)}; `;
  return room + captureTable(table, `${table.schema}_${table.name}_${number}`);
}

/** @throws PenstockError PS2004, PS2005 for a table whose changes nobody records, or in an order that cannot be told */
export function requireCaptured(tables: readonly TableSelection[], instances: Instances): void {
  for (const { table } of tables) {
    const id = tableId(table);
    const newest = instances.get(id)?.at(-1);
    if (newest === undefined) {
      throw new PenstockError('PS2005', `changes of ${id} are not captured`, {
        table: id,
        remedy: captureTable(table),
      });
    }
    if (newest.least === null && newest.start !== null) {
      throw new PenstockError('PS2004', `the user may not read capture instance ${newest.name} of ${id}`, {
        table: id,
        remedy: 'GRANT SELECT ON SCHEMA::cdc TO the user; and membership in the role that was given as @role_name.',
      });
    }
    if (!newest.hasCommandId) {
      throw new PenstockError('PS2005', `capture instance ${newest.name} of ${id} keeps no order of commands`, {
        table: id,
        remedy: `It was made by an older server: make a new one. ${captureTable(table)}`,
      });
    }
  }
}

/** What a position is held against. */
export interface CapturedLog {
  /** The least LSN of a commit that is still told of; null: of none. */
  readonly from: string | null;
  readonly end: string;
  readonly instances: Instances;
}

/**
 * Where only some tables' changes are gone, or captures began anew while the log of commits was kept, the stream tells it of each table.
 * @param tables none: all that are captured
 * @throws PenstockError PS2001, PS2006
 */
export function requireCapturedReach(
  place: CapturedReach,
  { from, end, instances }: CapturedLog,
  tables: readonly TableSelection[],
  copiedAnew: ReadonlySet<string>,
): void {
  if (end < place.lsn) {
    throw new PenstockError('PS2001', `the log ends at ${end}, before ${place.lsn}, which was read: it was restored`);
  }
  const all = tables.length === 0 ? [...instances.keys()] : tables.map(({ table }) => tableId(table));
  const others = all.filter((id) => !copiedAnew.has(id));
  // Where all are copied anew, a log that has nothing of them any more is begun anew, too.
  const needed = others.length > 0 ? others : all;
  const stale = staleTables(needed, instances, place);
  const lost = stale.flatMap((one) => one.tables);
  if (needed.length === 0 || lost.length < needed.length || (from !== null && from <= place.lsn)) return;
  throw new PenstockError(
    'PS2006',
    `change data capture keeps changes from ${stale[0]?.lsn ?? end} on, and ${place.lsn} was read last`,
  );
}
