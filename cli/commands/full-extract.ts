import { fullExtract as copyTables, type FullExtractResult } from '../../core/operations/copying/full-extract.ts';
import { errorLines } from '../output/error-text.ts';
import { bytesText, count, counted } from '../output/quantities.ts';
import { left, right, textTable } from '../output/text-table.ts';
import type { Outcome, Verb } from '../verb.ts';

export const fullExtract: Verb = {
  name: 'full-extract',
  summary: 'copy the tables as they are now; an interrupted copy goes on from its last finished chunk',
  takesTables: true,
  runsUntilStopped: false,
  async perform(context, { tables }) {
    return fullExtractOutcome(await copyTables(context, { tables }));
  },
};

const COLUMNS = [left('table'), left('state'), right('rows'), right('size')];

export function fullExtractOutcome(result: FullExtractResult): Outcome {
  const failed = result.tables.filter((table) => table.state === 'failed');
  const rows = result.tables.reduce((sum, table) => sum + table.rows, 0);
  const cells = result.tables.map((table) => [table.table, table.state, count(table.rows), bytesText(table.bytes)]);
  const errors = failed.flatMap((table) => (table.error === null ? [] : ['', ...errorLines(table.error)]));
  const copied = result.tables.filter((table) => table.state === 'copied').length;
  return {
    exitCode: failed.length === 0 ? 0 : 1,
    json: { tables: result.tables },
    lines: [
      ...textTable(COLUMNS, cells),
      `${counted(rows, 'row')} of ${counted(copied, 'table')} copied${failed.length === 0 ? '' : `, ${count(failed.length)} failed`}`,
      ...errors,
    ],
  };
}
