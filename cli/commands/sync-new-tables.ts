import { syncNewTables as copyNewTables } from '../../core/operations/new-tables/sync-new-tables.ts';
import type { FullExtractResult } from '../../core/operations/copying/full-extract.ts';
import type { Outcome, Verb } from '../verb.ts';
import { fullExtractOutcome } from './full-extract.ts';

export const syncNewTables: Verb = {
  name: 'sync-new-tables',
  summary: 'copy new tables, and those with redoInitialExtract or named here, while the others are replicated',
  takesTables: true,
  runsUntilStopped: false,
  async perform(context, { tables }) {
    return newTablesOutcome(await copyNewTables(context, { tables, operation: null }));
  },
};

export function newTablesOutcome(result: FullExtractResult): Outcome {
  if (result.tables.length > 0) return fullExtractOutcome(result);
  return { exitCode: 0, json: { tables: [] }, lines: ['no new tables: all that are chosen follow the log'] };
}
