import { tableId } from '../../core/changes/table-name.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { ListedTable } from '../../core/sources/source-connector.ts';
import { count, counted } from '../output/quantities.ts';
import { left, right, textTable } from '../output/text-table.ts';
import type { Outcome, Verb } from '../verb.ts';

export const tables: Verb = {
  name: 'tables',
  summary: "list the source's tables with their keys and sizes, and say which ones are chosen",
  takesTables: false,
  runsUntilStopped: false,
  async perform({ settings, source, signal }) {
    return tablesOutcome(await source.listTables(signal), settings);
  },
};

const COLUMNS = [left('table'), left('chosen'), left('key'), right('rows (estimate)')];

/** Exit 1 when a chosen table is not at the source. */
export function tablesOutcome(listed: readonly ListedTable[], settings: Pick<PipelineSettings, 'tables'>): Outcome {
  const chosen = new Map(settings.tables.map((table) => [tableId(table.table), table]));
  const rows = listed
    .map((entry) => {
      const id = tableId(entry.table);
      const choice = chosen.get(id);
      const key = choice?.key ?? entry.key;
      return { table: id, chosen: choice?.transfer ?? null, key, estimatedRows: entry.estimatedRows };
    })
    .sort((a, b) => (a.table < b.table ? -1 : 1));
  const missing = [...chosen.keys()].filter((id) => !rows.some((row) => row.table === id));
  const cells = rows.map((row) => [
    row.table,
    row.chosen ?? '-',
    row.key === null ? '(none)' : row.key.join(', '),
    row.estimatedRows === null ? '?' : count(row.estimatedRows),
  ]);
  const complaints = missing.map(
    (id) => `${id} is chosen, but the source has no such table, or the user cannot see it`,
  );
  const summary = `${counted(rows.length, 'table')}, ${count(chosen.size - missing.length)} chosen`;
  return {
    exitCode: missing.length === 0 ? 0 : 1,
    json: { tables: rows, missing },
    lines: [...textTable(COLUMNS, cells), ...complaints, summary],
  };
}
