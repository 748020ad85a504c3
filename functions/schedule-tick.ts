import * as z from 'zod';
import { PenstockError } from '../core/errors/penstock-error.ts';
import { lookAtSchedule, type ScheduleLook } from '../core/operations/scheduling/scheduled-runs.ts';
import { WEEKDAYS, type Recurring } from '../core/schedule/schedule.ts';
import { ExecutionRuns } from '../hosts/aws/execution-runs.ts';
import { catalogFunction } from './catalog-function.ts';

const timeOfDay = { at: z.int(), zone: z.string() };

/** What the deployment of a pipeline says whose schedule recurs; infra/pipeline/environment writes it. */
const scheduledRuns = z.object({
  schedule: z.discriminatedUnion('tag', [
    z.object({ tag: z.literal('periodic'), every: z.int(), offset: z.int() }),
    z.object({ tag: z.literal('daily'), ...timeOfDay }),
    z.object({ tag: z.literal('weekly'), days: z.array(z.enum(WEEKDAYS)), ...timeOfDay }),
    z.object({ tag: z.literal('monthly'), day: z.int(), ...timeOfDay }),
  ]) satisfies z.ZodType<Recurring>,
  /** The ARN of the state machine whose executions are the runs. */
  machine: z.string().startsWith('arn:'),
  needsCopy: z.boolean(),
});

interface Ticked {
  readonly woken: boolean;
  /** Where runs are made at due times. */
  readonly run?: ScheduleLook;
}

/**
 * Once a minute: wakes the loader where something visible is not loaded, or a rollback was begun and has not ended, because its wake-up
 * was lost or its load failed; where the schedule recurs, starts the run that is due. Without a schedule it looks at two items of the catalog and touches nothing else.
 */
export const handler = catalogFunction({
  name: 'schedule-tick',
  input: z.unknown(),
  async work(_input, { host, pipeline, catalog, signal }): Promise<Ticked> {
    const runs = deployedRuns(process.env['PENSTOCK_RUNS']);
    const { isBehind: woken } = await catalog.outstanding();
    if (woken) host.wakeUps.signal(pipeline);
    if (runs === null) return { woken };
    const { schedule, needsCopy } = runs;
    using machine = new ExecutionRuns(runs.machine);
    return { woken, run: await lookAtSchedule(host, catalog, { schedule, machine, needsCopy }, signal) };
  },
});

/** @throws PenstockError PS1001 */
function deployedRuns(text: string | undefined): z.output<typeof scheduledRuns> | null {
  if (text === undefined) return null;
  const parsed = scheduledRuns.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new PenstockError('PS1001', `PENSTOCK_RUNS: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
