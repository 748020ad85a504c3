import {
  syncStructure as syncTables,
  tablesToRedo,
  type SyncedTable,
  type SyncStructureResult,
} from '../../core/operations/structure/sync-structure.ts';
import { fullExtract, type FullExtractResult } from '../../core/operations/copying/full-extract.ts';
import { UsageError } from '../output/error-text.ts';
import { counted } from '../output/quantities.ts';
import { left, textTable } from '../output/text-table.ts';
import type { Outcome, Verb } from '../verb.ts';
import { fullExtractOutcome } from './full-extract.ts';

export const syncStructure: Verb = {
  name: 'sync-structure',
  summary: 'show how the tables at the destination differ from those of the source, and make them the same',
  takesTables: true,
  runsUntilStopped: false,
  flags: [
    { flags: '--apply', description: 'make the changes by which no row loses anything; without it nothing is changed' },
    { flags: '--drop-columns', description: 'drop columns that the source dropped, with their values' },
    { flags: '--redo', description: 'copy the tables anew that cannot be made the same (with --apply)' },
  ],
  async perform(context, { tables, values }) {
    const [apply, redo] = [values['apply'] === true, values['redo'] === true];
    if (redo && !apply) throw new UsageError('sync-structure --redo copies tables anew: add --apply');
    const options = { tables, apply, dropColumns: values['dropColumns'] === true, load: true };
    const result = await syncTables(context, options);
    const anew = redo ? tablesToRedo(result) : [];
    if (anew.length === 0) return syncStructureOutcome(result, apply);
    return redoneOutcome(result, await fullExtract(context, { tables: anew }));
  },
};

function redoneOutcome(result: SyncStructureResult, copied: FullExtractResult): Outcome {
  const redone = new Set(copied.tables.filter(({ error }) => error === null).map(({ table }) => table));
  const rest = result.tables.filter(({ table }) => !redone.has(table));
  const stopped = result.stopped.filter((table) => !redone.has(table));
  const synced = syncStructureOutcome({ ...result, tables: rest, stopped }, true);
  const copies = fullExtractOutcome(copied);
  return {
    exitCode: synced.exitCode === 0 && copies.exitCode === 0 ? 0 : 1,
    json: { ...syncStructureOutcome(result, true).json, stopped, copied: copied.tables },
    lines: [...synced.lines, ...copies.lines],
  };
}

const COLUMNS = [left('table'), left('difference'), left('class'), left('what is done')];

/** Exit 1 when a table is different in the end, or stopped. */
export function syncStructureOutcome(result: SyncStructureResult, applied: boolean): Outcome {
  const { tables, changes, stopped } = result;
  const rows = tables.flatMap(({ table, differences }) =>
    differences.map(({ what, class: kind, reason }) => [table, what, kind, reason]),
  );
  const waiting = tables.filter(({ state, resumed }) => state === 'different' || (!applied && resumed));
  const others = tables.filter(({ state }) => state === 'left');
  const summary =
    rows.length === 0
      ? `${counted(tables.length - others.length, 'table')} the same`
      : applied
        ? `${counted(changes, 'difference')} made good`
        : waiting.length === 0
          ? 'nothing that could be applied'
          : `${counted(waiting.length, 'table')} could be made the same: penstock sync-structure --apply`;
  return {
    exitCode: others.length === 0 && waiting.length === 0 && (stopped.length === 0 || !applied) ? 0 : 1,
    json: { applied, ...result },
    lines: [
      ...textTable(COLUMNS, rows),
      ...others.map(leftLine),
      ...tables.filter(({ resumed }) => resumed).map(({ table }) => resumedLine(table, applied)),
      ...(applied ? stopped.map((table) => `${table} is stopped: see \`penstock status\``) : []),
      summary,
    ],
  };
}

function leftLine({ table, reason, differences }: SyncedTable): string {
  if (differences.length === 0) return `${table} is left: ${reason ?? ''}`;
  return `${table} is left: ${reason ?? ''}. Copy it anew: \`penstock sync-structure --table ${table} --apply --redo\``;
}

function resumedLine(table: string, applied: boolean): string {
  return applied ? `${table} was stopped and loads again` : `${table} is stopped and would load again`;
}
