import type { TableVerdict } from '../../core/operations/verification/verdict.ts';
import { verify as compare, type VerifyResult } from '../../core/operations/verification/verify.ts';
import { count, counted } from '../output/quantities.ts';
import { left, right, textTable } from '../output/text-table.ts';
import type { Outcome, Verb } from '../verb.ts';

export const verify: Verb = {
  name: 'verify',
  summary: 'compare source and destination, name the rows and columns that differ, and repair them',
  takesTables: true,
  runsUntilStopped: false,
  flags: [{ flags: '--repair', description: 'fetch the rows that differ from the source again' }],
  async perform(context, { tables, values }) {
    return verifyOutcome(await compare(context, { tables, repair: values['repair'] === true }));
  },
};

const COLUMNS = [left('table'), left('verdict'), right('source rows'), right('destination rows'), left('checksum')];
/** More keys than these are only in `--json`. */
const PRINTED_KEYS = 10;

/** Exit 1 when a table differs, and when none could be compared: then nothing was proved. */
export function verifyOutcome(result: VerifyResult): Outcome {
  const counts = { equal: 0, unsettled: 0, different: 0, notComparable: 0 };
  for (const { tag } of result.tables) counts[tag]++;
  const isCompared = counts.equal + counts.unsettled > 0;
  return {
    exitCode: counts.different === 0 && isCompared ? 0 : 1,
    json: { equal: counts.different + counts.unsettled === 0 && isCompared, tables: result.tables },
    lines: [
      ...textTable(COLUMNS, result.tables.map(cells)),
      ...result.tables.flatMap(details),
      [
        `${count(counts.equal)} of ${counted(result.tables.length, 'table')} equal`,
        ...(counts.unsettled === 0 ? [] : [`${count(counts.unsettled)} with rows that never came to rest`]),
        ...(counts.different === 0 ? [] : [`${count(counts.different)} different`]),
      ].join(', '),
    ],
  };
}

function cells(verdict: TableVerdict): string[] {
  switch (verdict.tag) {
    case 'equal':
      return [verdict.table, 'equal', count(verdict.rows), count(verdict.rows), verdict.checksum];
    case 'unsettled':
      return [verdict.table, `unsettled: ${counted(verdict.unsettled, 'row')}`, count(verdict.rows), '', ''];
    case 'different': {
      const { table, source, destination } = verdict;
      return [table, 'DIFFERENT', count(source.rows), count(destination.rows), `${source.sum} / ${destination.sum}`];
    }
    case 'notComparable':
      return [verdict.table, 'not compared', '', '', ''];
  }
}

function details(verdict: TableVerdict): string[] {
  if (verdict.tag === 'notComparable') return ['', `${verdict.table}: not compared, because ${verdict.reason}`];
  const repaired =
    verdict.repaired === 0 ? [] : ['', `${verdict.table}: ${counted(verdict.repaired, 'row')} fetched again`];
  switch (verdict.tag) {
    case 'equal':
      return repaired;
    case 'unsettled':
      return [
        ...repaired,
        '',
        `${verdict.table}: ${counted(verdict.unsettled, 'row')} changed during every look, all others are equal; verify again at a quieter time`,
      ];
    case 'different':
      return [...repaired, '', ...differenceLines(verdict)];
  }
}

function differenceLines(verdict: Extract<TableVerdict, { tag: 'different' }>): string[] {
  const { table, differences, differing, isMore, overlaps, unsettled, inFlight } = verdict;
  const printed = differences.slice(0, PRINTED_KEYS);
  const rest = differing - printed.length;
  return [
    `${table}: ${isMore ? 'at least ' : ''}${counted(differing, 'row')} differ`,
    ...printed.map(({ kind, key, columns }) => {
      const where = columns.length === 0 ? '' : ` in ${columns.join(', ')}`;
      return `  ${kind}${where}: ${key.join(', ')}`;
    }),
    ...(rest > 0 ? [`  and ${count(rest)} more (--json lists up to 100)`] : []),
    ...(unsettled > 0 ? [`  ${counted(unsettled, 'row')} changed during every look`] : []),
    ...(overlaps > 0
      ? [`  ${counted(overlaps, 'version')} of its history begin before the one before has ended: copy the table anew`]
      : []),
    ...(inFlight === 'possible'
      ? ['  nobody reads the log: changes may only be on their way; run `penstock delta` first']
      : []),
  ];
}
