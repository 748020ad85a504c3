import { delta as drainLog, type DeltaResult } from '../../core/operations/replication/delta.ts';
import { count, counted } from '../output/quantities.ts';
import type { Outcome, Verb } from '../verb.ts';

export const delta: Verb = {
  name: 'delta',
  summary: 'extract and load all changes up to now, then end',
  takesTables: false,
  runsUntilStopped: false,
  async perform(context) {
    return deltaOutcome(await drainLog(context));
  },
};

/** Exit 1 when tables are stopped: their changes were extracted, but not loaded. */
export function deltaOutcome(result: DeltaResult): Outcome {
  const { from, to, rows, stopped } = result;
  const extracts = to - from;
  const done =
    extracts === 0
      ? 'no changes'
      : `${counted(rows, 'change')} in ${counted(extracts, 'extract')} (up to ${count(to)})`;
  const complaints = stopped.map((table) => `${table} is stopped: see \`penstock status\``);
  return { exitCode: stopped.length === 0 ? 0 : 1, json: { ...result }, lines: [done, ...complaints] };
}
