import { verify as compare, type TableVerdict, type VerifyResult } from '../../core/operations/verify.ts';
import { count, counted } from '../output/quantities.ts';
import { left, right, textTable } from '../output/text-table.ts';
import type { Outcome, Verb } from '../verb.ts';

export const verify: Verb = {
  name: 'verify',
  summary: 'compare source and destination by checksums and name the keys that differ',
  takesTables: true,
  runsUntilStopped: false,
  async perform(context, { tables }) {
    return verifyOutcome(await compare(context, { tables }));
  },
};

const COLUMNS = [left('table'), left('verdict'), right('source rows'), right('destination rows'), left('checksum')];
/** More keys than these are only in `--json`. */
const PRINTED_KEYS = 10;

/** Exit 1 when a table differs, and when none could be compared: then nothing was proved. */
export function verifyOutcome(result: VerifyResult): Outcome {
  const different = result.tables.filter((verdict) => verdict.tag === 'different');
  const equal = result.tables.filter((verdict) => verdict.tag === 'equal');
  const isProved = different.length === 0 && equal.length > 0;
  return {
    exitCode: isProved ? 0 : 1,
    json: { equal: isProved, tables: result.tables },
    lines: [
      ...textTable(COLUMNS, result.tables.map(cells)),
      ...result.tables.flatMap(details),
      `${count(equal.length)} of ${counted(result.tables.length, 'table')} equal${different.length === 0 ? '' : `, ${count(different.length)} different`}`,
    ],
  };
}

function cells(verdict: TableVerdict): string[] {
  switch (verdict.tag) {
    case 'equal':
      return [verdict.table, 'equal', count(verdict.rows), count(verdict.rows), verdict.checksum];
    case 'different': {
      const { table, source, destination } = verdict;
      return [table, 'DIFFERENT', count(source.rows), count(destination.rows), `${source.sum} / ${destination.sum}`];
    }
    case 'notComparable':
      return [verdict.table, 'not compared', '', '', ''];
  }
}

function details(verdict: TableVerdict): string[] {
  switch (verdict.tag) {
    case 'equal':
      return [];
    case 'different': {
      const printed = verdict.differences.slice(0, PRINTED_KEYS);
      const rest = verdict.differing - printed.length;
      return [
        '',
        `${verdict.table}: ${counted(verdict.differing, 'row')} differ`,
        ...printed.map(({ kind, key }) => `  ${kind}: ${key.join(', ')}`),
        ...(rest > 0 ? [`  and ${count(rest)} more (--json lists up to 100)`] : []),
      ];
    }
    case 'notComparable':
      return ['', `${verdict.table}: not compared, because ${verdict.reason}`];
  }
}
