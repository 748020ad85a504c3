import { checkSource } from '../../core/operations/check-source.ts';
import type { Finding } from '../../core/sources/source-connector.ts';
import { counted } from '../output/quantities.ts';
import type { Outcome, Verb } from '../verb.ts';

export const check: Verb = {
  name: 'check',
  summary: 'look whether source, destination and tables are ready, and print the statements that mend what is not',
  takesTables: false,
  runsUntilStopped: false,
  async perform(context) {
    const { destination, signal } = context;
    const [{ source, tables }, atDestination] = await Promise.all([checkSource(context), destination.check(signal)]);
    return checkOutcome({ source, destination: atDestination, tables });
  },
};

type CheckedPart = 'source' | 'destination' | 'tables';

/** The findings as they are printed, errors last in no part: in the order in which they were looked at. */
export function checkOutcome(parts: Readonly<Record<CheckedPart, readonly Finding[]>>): Outcome {
  const all = Object.values(parts).flat();
  const errors = all.filter((finding) => finding.severity === 'error').length;
  const warnings = all.filter((finding) => finding.severity === 'warning').length;
  const names = Object.keys(parts).filter((part): part is CheckedPart => part in parts);
  const lines = names.flatMap((part) => (parts[part].length === 0 ? [] : [part, ...parts[part].flatMap(findingLines)]));
  const verdict = errors === 0 ? 'ready' : 'not ready';
  return {
    exitCode: errors === 0 ? 0 : 1,
    json: { ready: errors === 0, errors, warnings, findings: parts },
    lines: [...lines, `${verdict}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`],
  };
}

function findingLines({ severity, code, message, remedy }: Finding): string[] {
  const indent = ' '.repeat(11);
  const mend =
    remedy === null
      ? []
      : remedy.split('\n').map((line, index) => `${indent}${index === 0 ? 'mend: ' : '      '}${line}`);
  return [`  ${severity.padEnd(7)}  ${message}  [${code}]`, ...mend];
}
