import { status as readStatus, type PipelineStatus, type TableStatus } from '../../core/operations/status.ts';
import type { TableVerification } from '../../core/operations/verification/table-verification.ts';
import { bytesText, count, counted, durationText, timeText } from '../output/quantities.ts';
import { left, right, textTable } from '../output/text-table.ts';
import type { Outcome, Verb } from '../verb.ts';
import { schedulerLines } from './schedule.ts';

export const status: Verb = {
  name: 'status',
  summary: 'show how far the pipeline is, the state of its tables and the log that the source keeps for it',
  takesTables: false,
  runsUntilStopped: false,
  async perform(context) {
    return statusOutcome(await readStatus(context));
  },
};

const COLUMNS = [left('table'), left('transfer'), left('state'), right('copied rows')];

/** `zone`: the reader's own by default. */
export function statusOutcome(result: PipelineStatus, zone?: string): Outcome {
  const cells = result.tables.map((table) => [table.table, table.transfer, table.state.tag, count(table.copiedRows)]);
  const sourceDate = result.sourceDate === null ? 'no change yet' : timeText(result.sourceDate, zone);
  return {
    exitCode: 0,
    json: { ...result },
    lines: [
      `pipeline     ${result.pipeline}`,
      `extracted    ${count(result.lastExtract)}`,
      `loaded       ${count(result.loaded)}`,
      `last change  ${sourceDate}`,
      `lag          ${durationText(result.lagMilliseconds)}`,
      `log          ${logText(result.log, zone)}`,
      `schedule     ${scheduleText(result.schedule)}`,
      ...schedulerLines(result.schedule.scheduler, zone).map((line, index) =>
        index === 0 ? `scheduler    ${line}` : `             ${line}`,
      ),
      ...rollbackLines(result),
      '',
      ...textTable(COLUMNS, cells),
      ...result.tables.flatMap((table) => stoppedLines(table, zone)),
      ...verifiedLines(result.tables, zone),
    ],
  };
}

function logText(log: PipelineStatus['log'], zone: string | undefined): string {
  if ('unknown' in log) return `not known: ${log.unknown}`;
  const kept = log.retainedBytes === null ? 'size not known' : `${bytesText(log.retainedBytes)} kept by the source`;
  const room = log.headroomBytes === null ? '' : `, room for ${bytesText(log.headroomBytes)} more`;
  const end = log.expiresAt === null ? '' : `, kept until ${timeText(log.expiresAt, zone)}`;
  return `${kept}${room}${end}`;
}

/** Nothing where none is under way; before the first load there is no ledger to be read. */
function rollbackLines({ rollback, loaded }: PipelineStatus): string[] {
  if ('unknown' in rollback) return loaded === 0 ? [] : [`rollback     not known: ${rollback.unknown}`];
  return rollback.map(({ table, from, next, to }, index) => {
    const done = `${count(next - from)} of ${count(to - from + 1)} extracts collected, from ${count(from)} to ${count(to)}`;
    return `${index === 0 ? 'rollback' : '        '}     ${table}: ${done}`;
  });
}

/** Due times in the schedule's own zone, whatever the reader's. */
function scheduleText({ type, next }: PipelineStatus['schedule']): string {
  if (next === null) return type;
  const at = `${timeText(next.at, next.zone)} (${next.zone})`;
  return next.isDue ? `${type}, due since ${at}: at work, or waits for \`penstock run\`` : `${type}, next run ${at}`;
}

function stoppedLines({ table, state }: TableStatus, zone: string | undefined): string[] {
  if (state.tag !== 'stopped') return [];
  return [
    '',
    `${table} is stopped since ${timeText(state.since, zone)}`,
    `  ${state.message}`,
    `  remedy: ${state.remedy}`,
  ];
}

function verifiedLines(tables: readonly TableStatus[], zone: string | undefined): string[] {
  const lines = tables.flatMap(({ table, verification }) =>
    verification === null ? [] : [`${table}  ${verificationText(verification, zone)}`],
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

function verificationText(verification: TableVerification, zone: string | undefined): string {
  const { verdict, position, at, differing, unsettled, differsSince, stale } = verification;
  const place = `at ${position}, ${timeText(at, zone)}`;
  const old = stale === null ? '' : `; ${stale} since`;
  if (verdict === 'different') {
    return `DIFFERS since ${timeText(differsSince ?? at, zone)}: at least ${counted(differing, 'row')}, verified ${place}${old}`;
  }
  const rest = verdict === 'unsettled' ? `, but for ${counted(unsettled, 'row')} in flight` : '';
  return `verified ${place}${rest}${old}`;
}
