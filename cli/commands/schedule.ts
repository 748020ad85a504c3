import { catalogOf } from '../../core/operations/contexts.ts';
import {
  byWhom,
  schedulerStanding,
  switchScheduler,
  type SchedulerStanding,
} from '../../core/operations/scheduling/scheduler.ts';
import { UsageError } from '../output/error-text.ts';
import { timeText } from '../output/quantities.ts';
import type { Outcome, Verb } from '../verb.ts';

export const schedule: Verb = {
  name: 'schedule',
  summary: 'say whether the scheduler is on, or switch it: `run` obeys within seconds',
  takesTables: false,
  runsUntilStopped: false,
  word: { name: 'action', choices: ['show', 'on', 'off'], description: 'what to do' },
  flags: [{ flags: '--reason <text>', description: 'why; shown by `penstock status`' }],
  async perform(context, { values }) {
    const { action, reason = '' } = values;
    const catalog = catalogOf(context);
    if (action === 'show' || typeof reason !== 'string') {
      if (reason !== '') throw new UsageError('--reason is for `schedule on` and `schedule off`');
      return scheduleOutcome(await schedulerStanding(catalog), false);
    }
    const before = await schedulerStanding(catalog);
    const after = await switchScheduler(context.host, catalog, { on: action === 'on', by: 'operator', reason });
    return scheduleOutcome(after, before.on !== after.on);
  },
};

/** `zone`: the reader's own by default. */
export function scheduleOutcome(standing: SchedulerStanding, switched: boolean, zone?: string): Outcome {
  const [first = '', ...more] = schedulerLines(standing, zone);
  return {
    exitCode: 0,
    json: { switched, ...standing },
    lines: [`the scheduler is ${first}`, ...more],
  };
}

/** On or off, since when and why; what to do where an error switched it off. */
export function schedulerLines(standing: SchedulerStanding, zone?: string): string[] {
  const { on, since, by, remedy } = standing;
  if (since === null) return ['on'];
  const lines = [`${on ? 'on' : 'off'} since ${timeText(since, zone)}, ${byWhom(standing)}`];
  if (on) return lines;
  if (by === 'error') lines.push(`remedy: ${remedy}`);
  return [...lines, 'nothing is read or loaded by itself until `penstock schedule on`'];
}
