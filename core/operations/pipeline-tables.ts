import { tableId } from '../changes/table-name.ts';
import type { TableRecord } from '../catalog/records.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { FollowedTable } from '../extracts/followed-table.ts';
import type { PipelineSettings, TableSettings } from '../pipeline/settings.ts';
import type { TableSelection } from '../sources/source-connector.ts';

/** What a source has to know of a chosen table. */
export function selectionOf(settings: Pick<TableSettings, keyof TableSelection>): TableSelection {
  const { table, key, mask, where, typeChange, timestampColumn } = settings;
  return { table, key, mask, where, typeChange, timestampColumn };
}

export function selectionsOf(settings: PipelineSettings): TableSelection[] {
  return settings.tables.map(selectionOf);
}

/** @throws PenstockError PS1005 */
export function tableSettings(settings: PipelineSettings, id: string): TableSettings {
  const found = byId(settings.tables).get(id);
  if (found === undefined) {
    throw new PenstockError('PS1005', `${id} is not among the tables of pipeline ${settings.pipeline}`, {
      table: id,
      remedy: `Add ${id} to the tables of the configuration, or correct the name.`,
    });
  }
  return found;
}

/** Made once for each list: an operation asks for every one of ten thousand tables. */
const INDEXES = new WeakMap<readonly TableSettings[], ReadonlyMap<string, TableSettings>>();

function byId(tables: readonly TableSettings[]): ReadonlyMap<string, TableSettings> {
  const known = INDEXES.get(tables);
  if (known !== undefined) return known;
  const index = new Map(tables.map((one): [string, TableSettings] => [tableId(one.table), one]));
  INDEXES.set(tables, index);
  return index;
}

/**
 * The chosen tables whose changes are extracted: all that were copied, those that are stopped too, so that they can catch up, and those
 * that are copied beside the log.
 */
export function followedTables(settings: PipelineSettings, records: readonly TableRecord[]): FollowedTable[] {
  const byId = new Map(records.map((record) => [record.table, record]));
  return settings.tables.flatMap((table) => {
    const id = tableId(table.table);
    const record = byId.get(id);
    if (record === undefined || record.schema === null) return [];
    if (record.state.tag === 'new' || (record.state.tag === 'copying' && record.joinsAfter === null)) return [];
    const keeping = { transfer: table.transfer, maxUpdates: settings.destination.maxUpdates };
    return [{ id, selection: selectionOf(table), keeping, marks: record.marks }];
  });
}
