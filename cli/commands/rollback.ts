import { rollbackPoints, type RollbackPoints } from '../../core/operations/rollback/rollback-points.ts';
import { rollback as rollBack, type RollbackResult } from '../../core/operations/rollback/rollback.ts';
import type { FromLog } from '../../core/operations/rollback/remake.ts';
import { UsageError } from '../output/error-text.ts';
import { bytesText, count, counted, timeText } from '../output/quantities.ts';
import { left, right, textTable } from '../output/text-table.ts';
import { wholeNumber } from '../output/whole-number.ts';
import type { Outcome, Verb } from '../verb.ts';

const PAGE = 20;
const LONGEST_PAGE = 1000;

export const rollback: Verb = {
  name: 'rollback',
  summary: 'list the points to roll back to, or apply everything from one of them on again',
  takesTables: true,
  runsUntilStopped: false,
  flags: [
    { flags: '--to <file>', description: 'apply this extract and all after it again' },
    { flags: '--dry-run', description: 'only say what would be done' },
    { flags: '--yes', description: 'do it: the rows of the tables are written anew' },
    { flags: '--before <file>', description: 'list the points before this one' },
    { flags: '--limit <n>', description: `list so many points (default: ${PAGE})` },
  ],
  async perform(context, { tables, values }) {
    const to = wholeNumber('--to', values['to'], Number.MAX_SAFE_INTEGER);
    const before = wholeNumber('--before', values['before'], Number.MAX_SAFE_INTEGER);
    const limit = wholeNumber('--limit', values['limit'], LONGEST_PAGE) ?? PAGE;
    if (to === null) return pointsOutcome(await rollbackPoints(context, { before, limit }));
    const dryRun = values['dryRun'] === true;
    if (!dryRun && values['yes'] !== true) {
      throw new UsageError(`rollback --to ${to} writes rows anew: add --yes, or see what it would do with --dry-run`);
    }
    return rollbackOutcome(await rollBack(context, { to, tables, dryRun, load: true }), dryRun);
  },
};

const POINTS = [
  right('file no.'),
  left('from'),
  left('to'),
  left('source date'),
  left('execution date'),
  right('changes'),
  left(''),
];

/** `zone`: the reader's own by default. */
export function pointsOutcome({ points, next }: RollbackPoints, zone?: string): Outcome {
  const cells = points.map(({ file, from, to, sourceDate, executionDate, rows, available }) => [
    ...[String(file), from, to, timeText(sourceDate, zone), timeText(executionDate, zone), count(rows)],
    available ? '' : 'expired',
  ]);
  const more = next === null ? [] : [`more: penstock rollback --before ${next}`];
  return {
    exitCode: 0,
    json: { points, next },
    lines: points.length === 0 ? ['no rollback points'] : [...textTable(POINTS, cells), ...more],
  };
}

const TABLES = [left('table'), right('from'), right('to'), right('changes')];

/** Exit 1 when tables are stopped in the end. */
export function rollbackOutcome(result: RollbackResult, dryRun: boolean): Outcome {
  const { extracts, rows, bytes, tables, left: others, resumed, stopped } = result;
  const cells = tables.map(({ table, from, to, rows: changes }) => [table, String(from), String(to), count(changes)]);
  const amount = `${counted(rows, 'change')} (${bytesText(bytes)}) of ${counted(extracts, 'extract')}`;
  const log = result.fromLog === null ? [] : [fromLogLine(result.fromLog, dryRun)];
  const summary = dryRun ? `${amount} would be applied again; nothing was done` : `${amount} applied again`;
  return {
    exitCode: !dryRun && stopped.length > 0 ? 1 : 0,
    json: { dryRun, ...result },
    lines: [
      ...textTable(TABLES, cells),
      summary,
      ...log,
      ...others.map(({ table, reason }) => `${table} stays as it is: ${reason}`),
      ...resumed.map((table) => `${table} was stopped and ${dryRun ? 'would load' : 'loads'} again`),
      ...(dryRun ? [] : stopped.map((table) => `${table} is stopped: see \`penstock status\``)),
    ],
  };
}

function fromLogLine({ from, to, extracts, reaches, reason }: FromLog, dryRun: boolean): string {
  const which = `${counted(extracts, 'extract')} from ${from} to ${to}, whose files are gone,`;
  if (!dryRun) return `${which} made again from the source's log`;
  if (reaches) return `${which} would be made again from the source's log; their changes are not counted here`;
  return `${which} cannot be made again from the source's log: ${reason}`;
}
