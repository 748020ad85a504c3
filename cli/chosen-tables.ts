import { parseTableName, tableId } from '../core/changes/table-name.ts';
import { nearestName } from '../core/pipeline/nearest-name.ts';
import type { PipelineSettings } from '../core/pipeline/settings.ts';
import { UsageError } from './output/error-text.ts';

/** Tables named on the command line as table ids. @throws UsageError for one that the configuration does not choose */
export function chosenTables(
  names: readonly string[] | null,
  settings: Pick<PipelineSettings, 'tables'>,
): readonly string[] | null {
  if (names === null) return null;
  const known = settings.tables.map(({ table }) => tableId(table));
  return [...new Set(names.map((name) => chosenTable(name, known)))];
}

function chosenTable(name: string, known: readonly string[]): string {
  const table = parseTableName(name);
  const id = table === null ? null : tableId(table);
  if (id !== null && known.includes(id)) return id;
  const nearest = nearestName(name, known);
  const hint = nearest === null ? `chosen are ${known.join(', ')}` : `did you mean ${nearest}?`;
  throw new UsageError(`--table ${name}: not among the tables of the configuration; ${hint}`);
}
