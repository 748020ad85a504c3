import type { Catalog, Versioned } from '../../catalog/catalog.ts';
import { operationAtWork } from '../../catalog/operation-lease.ts';
import type { ScheduleRecord } from '../../catalog/records.ts';
import { millisecondsFromTimestamp, timestampFromMilliseconds } from '../../changes/timestamp.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import type { Host } from '../../host/host.ts';
import { missedDue } from '../../schedule/due.ts';
import type { Recurring } from '../../schedule/schedule.ts';
import { haltScheduler, schedulerStanding } from './scheduler.ts';

/**
 * A schedule whose runs are made elsewhere: by executions of a state machine. Somebody looks at it now and then, and starts what is due;
 * core/operations/scheduling/run-schedule does the same for one process that makes its runs itself.
 */

/** Makes runs, each under a name of its own. */
export interface RunMachine {
  /** Starts a run; safe to repeat: a name that was used already starts nothing. */
  start(name: string): Promise<void>;
  outcome(name: string): Promise<RunOutcome>;
}

export type RunOutcome =
  | { readonly tag: 'running' }
  | { readonly tag: 'succeeded' }
  /** By hand. */
  | { readonly tag: 'aborted' }
  /** `passes`: what it failed with passes by itself, or somebody else was at work. */
  | { readonly tag: 'failed'; readonly passes: boolean; readonly message: string }
  /** There is none of that name (any more). */
  | { readonly tag: 'unknown' };

export interface ScheduledRuns {
  readonly schedule: Recurring;
  readonly machine: RunMachine;
  /** Whether a run needs a full extract before it. */
  readonly needsCopy: boolean;
}

/** What a look found or did. */
export type ScheduleLook =
  'idle' | 'started' | 'running' | 'ended' | 'halted' | 'switched-off' | 'busy' | 'never-copied';

type Run = NonNullable<ScheduleRecord['run']>;

/**
 * One look: starts the run that is due, or sees how the one under way stands. None overlaps another; of those that were due while one was
 * at work, while the scheduler was off or while nobody looked, the last is made. A run that fails with what somebody has to mend switches
 * the scheduler off. Two looks at once start one run.
 */
export async function lookAtSchedule(
  host: Host,
  catalog: Catalog,
  runs: ScheduledRuns,
  signal: AbortSignal,
): Promise<ScheduleLook> {
  try {
    return await look(host, catalog, runs, signal);
  } catch (error) {
    // Another look was first.
    if (hasCode(error, 'PS3005')) return 'busy';
    throw error;
  }
}

async function look(host: Host, catalog: Catalog, runs: ScheduledRuns, signal: AbortSignal): Promise<ScheduleLook> {
  const found = await catalog.schedule();
  if (found === null) {
    // The first look of all has missed nothing.
    await catalog.putSchedule({ served: timestampFromMilliseconds(host.clock.now()) }, null);
    return 'idle';
  }
  const { run } = found.record;
  if (run?.state === 'started') {
    const seen = await seeRun(host, catalog, runs, { ...found, run }, signal);
    if (seen !== 'again') return seen;
  }
  return startDue(host, catalog, runs, found);
}

/** `again`: it failed with what passes, and is to be started under another name. */
async function seeRun(
  host: Host,
  catalog: Catalog,
  { machine }: ScheduledRuns,
  { record, version, run }: Versioned<ScheduleRecord> & { readonly run: Run },
  signal: AbortSignal,
): Promise<Exclude<ScheduleLook, 'idle'> | 'again'> {
  const name = nameOf(run);
  const outcome = await machine.outcome(name);
  switch (outcome.tag) {
    case 'running':
      return 'running';
    case 'succeeded':
    case 'aborted':
      host.log.info('run ended', { run: name, outcome: outcome.tag });
      await host.failpoint('schedule.before-served');
      await catalog.putSchedule({ served: run.due }, version);
      return 'ended';
    case 'unknown':
      return 'again';
    case 'failed': {
      host.log.warn('run failed', { run: name, reason: outcome.message, passes: outcome.passes });
      if (outcome.passes) return 'again';
      const error = new PenstockError('PS1015', `${name}: ${outcome.message}`);
      await haltScheduler(host, catalog, error, signal);
      await catalog.putSchedule({ ...record, run: { ...run, state: 'failed' } }, version);
      return 'halted';
    }
  }
}

async function startDue(
  host: Host,
  catalog: Catalog,
  { schedule, machine, needsCopy }: ScheduledRuns,
  { record, version }: Versioned<ScheduleRecord>,
): Promise<ScheduleLook> {
  const due = missedDue(schedule, millisecondsFromTimestamp(record.served), host.clock.now());
  if (due === null) return 'idle';
  if (!(await schedulerStanding(catalog)).on) return 'switched-off';
  if (needsCopy && (await catalog.head()).position === null) return 'never-copied';
  const other = await operationAtWork(host, catalog.pipeline);
  if (other !== null) return 'busy';
  const at = timestampFromMilliseconds(due);
  const attempt = record.run?.due === at ? record.run.attempt + 1 : 1;
  const run: Run = { due: at, attempt, state: 'started' };
  // In this order: a run that was started and not written down is started again under the same name, which starts nothing.
  await machine.start(nameOf(run));
  await host.failpoint('schedule.after-start');
  await catalog.putSchedule({ served: record.served, run }, version);
  host.log.info('run started', { run: nameOf(run), due: at });
  return 'started';
}

/** `run-20261122T013000Z`, and `-2` and so on where it is made again. */
export function nameOf({ due, attempt }: Pick<Run, 'due' | 'attempt'>): string {
  const compact = `${due.slice(0, 19).replace(/[-:]/g, '')}Z`;
  return `run-${compact}${attempt === 1 ? '' : `-${attempt}`}`;
}
