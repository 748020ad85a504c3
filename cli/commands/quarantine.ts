import {
  dropQuarantine,
  listQuarantine,
  quarantineMark,
  retryQuarantine,
  type QuarantineListing,
  type RetriedTable,
} from '../../core/operations/quarantine.ts';
import { UsageError } from '../output/error-text.ts';
import { counted } from '../output/quantities.ts';
import { left, right, textTable } from '../output/text-table.ts';
import { wholeNumber } from '../output/whole-number.ts';
import type { Outcome, Verb } from '../verb.ts';

const PAGE = 20;
const LONGEST_PAGE = 1000;

export const quarantine: Verb = {
  name: 'quarantine',
  summary: 'list the rows that were set aside, fetch them again from the source, or drop them',
  takesTables: true,
  runsUntilStopped: false,
  word: { name: 'action', choices: ['list', 'retry', 'drop'], description: 'what to do' },
  flags: [
    { flags: '--limit <n>', description: `list so many rows (default: ${PAGE})` },
    { flags: '--before <mark>', description: 'list the rows before this one: what the page before ended with' },
    { flags: '--raw', description: 'list keys and values, too: they are your data' },
    { flags: '--all', description: 'retry or drop the rows of all tables' },
    { flags: '--yes', description: 'drop them: they are in no other place than the source' },
  ],
  async perform(context, { tables, values }) {
    const { action } = values;
    const limit = wholeNumber('--limit', values['limit'], LONGEST_PAGE) ?? PAGE;
    const before = markOf(values['before']);
    const isRaw = values['raw'] === true;
    if (action === 'list') return listOutcome(await listQuarantine(context, { tables, before, limit }), isRaw);
    if (tables === null && values['all'] !== true) {
      throw new UsageError(`quarantine ${String(action)} needs --table, or --all for the rows of all tables`);
    }
    if (action === 'retry') return retryOutcome(await retryQuarantine(context, tables));
    if (values['yes'] !== true) {
      const listing = await listQuarantine(context, { tables, before: null, limit: 1 });
      const rows = listing.tables.reduce((sum, table) => sum + table.rows, 0);
      throw new UsageError(`quarantine drop would drop ${counted(rows, 'row')}: add --yes`);
    }
    const dropped = await dropQuarantine(context, tables);
    return { exitCode: 0, json: { dropped }, lines: [`${counted(dropped, 'row')} dropped from quarantine`] };
  },
};

function markOf(text: string | boolean | undefined): ReturnType<typeof quarantineMark> {
  if (typeof text !== 'string') return null;
  const mark = quarantineMark(text);
  if (mark === null) throw new UsageError(`--before ${text}: expected what a page of \`quarantine list\` ended with`);
  return mark;
}

const ENTRIES = [left('id'), left('set aside'), left('table'), left('column'), left('reason'), left('position')];

export function listOutcome({ entries, next, tables }: QuarantineListing, isRaw: boolean): Outcome {
  const shown = entries.map(({ key, raw, ...entry }) => (isRaw ? { ...entry, key, raw } : entry));
  const cells = entries.map(({ id, at, table, column, reason, position, raw }) => [
    ...[id, at, table, column, reason, position],
    ...(isRaw ? [raw] : []),
  ]);
  const columns = isRaw ? [...ENTRIES, left('row')] : ENTRIES;
  const all = tables.reduce((sum, { rows }) => sum + rows, 0);
  return {
    exitCode: 0,
    json: { entries: shown, next, tables },
    lines: [
      ...(cells.length === 0 ? [] : textTable(columns, cells)),
      `${counted(all, 'row')} in quarantine${tables.length === 0 ? '' : `: ${tables.map(({ table, rows }) => `${table} ${rows}`).join(', ')}`}`,
      ...(next === null ? [] : [`more: penstock quarantine list --before '${next}'`]),
    ],
  };
}

const TABLES = [left('table'), right('rows'), right('settled'), right('still unfit'), left('')];

/** Exit 1 when rows are left. */
export function retryOutcome(tables: readonly RetriedTable[]): Outcome {
  const cells = tables.map(({ table, rows, settled, unfit, reason }) => [
    ...[table, String(rows), String(settled), String(unfit), reason ?? ''],
  ]);
  const isLeft = tables.some(({ unfit, reason }) => unfit > 0 || reason !== null);
  const lines = tables.length === 0 ? ['nothing is in quarantine'] : textTable(TABLES, cells);
  return { exitCode: isLeft ? 1 : 0, json: { tables }, lines };
}
