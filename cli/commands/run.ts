import type { Progress } from '../../core/operations/operation-context.ts';
import { run as followLog } from '../../core/operations/run.ts';
import { count, counted } from '../output/quantities.ts';
import type { Verb } from '../verb.ts';

export const run: Verb = {
  name: 'run',
  summary: 'extract and load changes, without a pause or by the schedule, until Ctrl-C or SIGTERM',
  takesTables: false,
  runsUntilStopped: true,
  async perform(context) {
    const seen = { extracts: 0, loads: 0, changes: 0 };
    const progress = (update: Progress): void => {
      if (update.tag === 'extract') seen.extracts++;
      if (update.tag === 'load') {
        seen.loads++;
        seen.changes += update.rows;
      }
      context.progress(update);
    };
    await followLog({ ...context, progress });
    const line = `stopped cleanly: ${counted(seen.extracts, 'extract')}, ${count(seen.loads)} loaded, ${counted(seen.changes, 'change')}`;
    return { exitCode: 0, json: seen, lines: [line] };
  },
};
