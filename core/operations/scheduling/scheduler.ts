import type { Catalog } from '../../catalog/catalog.ts';
import type { SchedulerRecord } from '../../catalog/scheduler-record.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { backoffMilliseconds, retryOf } from '../../errors/retry-policy.ts';
import { reportHalt } from '../../events/report-halt.ts';
import type { Host } from '../../host/host.ts';

/** How the scheduler stands: `since` is null where nobody has ever turned it. */
export type SchedulerStanding = Omit<SchedulerRecord, 'since'> & { readonly since: string | null };

export interface SwitchWish {
  readonly on: boolean;
  readonly by: SchedulerRecord['by'];
  readonly reason: string;
  readonly remedy?: string;
}

type SchedulerHost = Pick<Host, 'clock' | 'events' | 'wakeUps' | 'failpoint'>;

/** Whoever switches on says why no further. */
const NEVER_TURNED: SchedulerStanding = { on: true, since: null, by: 'operator', reason: '', remedy: '' };

export async function schedulerStanding(catalog: Catalog): Promise<SchedulerStanding> {
  return (await catalog.scheduler())?.record ?? NEVER_TURNED;
}

/**
 * Turns the scheduler on or off; whoever works by it obeys within seconds, operations that are called by hand do not ask it.
 * One that stands so already stays as it is, with its reason: safe to repeat.
 * @throws PenstockError PS3004
 */
export async function switchScheduler(
  host: SchedulerHost,
  catalog: Catalog,
  { on, by, reason, remedy = '' }: SwitchWish,
): Promise<SchedulerStanding> {
  for (;;) {
    const found = await catalog.scheduler();
    if ((found?.record.on ?? true) === on) return found?.record ?? NEVER_TURNED;
    const record: SchedulerRecord = { on, since: host.clock.timestamp(), by, reason, remedy };
    try {
      await catalog.putScheduler(record, found?.version ?? null);
    } catch (error) {
      // Somebody turned it meanwhile, or this is the echo of our own write: look again.
      if (!hasCode(error, 'PS3005')) throw error;
      continue;
    }
    await host.failpoint('scheduler.after-switch');
    const { pipeline } = catalog;
    host.events.emit({ type: 'SchedulerSwitched', pipeline, generated: record.since, on, by, reason });
    // What was left when it was switched off is loaded now.
    if (on) host.wakeUps.signal(pipeline);
    return record;
  }
}

/** So often the switch of an error is tried: a catalog that is out of reach for longer lets the next start find the error again. */
const TRIES = 6;

/**
 * Reports an error that ended the work. One that somebody has to mend switches the scheduler off, too, so that nobody starts again
 * and again what cannot succeed; @returns whether it did.
 */
export async function haltScheduler(
  host: Host,
  catalog: Catalog,
  error: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  reportHalt(host, catalog.pipeline, error);
  if (!isToBeMended(error)) return false;
  const { code, message, remedy } = error;
  for (let attempt = 1; ; attempt++) {
    try {
      await switchScheduler(host, catalog, { on: false, by: 'error', reason: message, remedy });
      host.log.error('the scheduler is switched off by an error', { code, reason: message, remedy });
      return true;
    } catch (failure) {
      if (attempt === TRIES || signal.aborted || retryOf(failure) !== 'timed') {
        const reason = failure instanceof Error ? failure.message : String(failure);
        host.log.warn('the scheduler could not be switched off', { reason });
        return false;
      }
      const pause = backoffMilliseconds(attempt, host.randomness.fraction());
      await host.clock.sleep(pause, signal).catch(() => undefined);
    }
  }
}

/** What is wrong inside the program, and who else is at work, mends nobody at the pipeline. */
function isToBeMended(error: unknown): error is PenstockError {
  return error instanceof PenstockError && error.retry === 'manual' && !hasCode(error, 'PS1008', 'PS9001');
}

/** What a waiting process says. */
export function whyItIsOff(standing: SchedulerStanding): string {
  return `the scheduler was switched off ${byWhom(standing)}`;
}

/** Who turned it, and why if that is known. */
export function byWhom({ by, reason }: SchedulerStanding): string {
  const who = { operator: 'by an operator', error: 'by an error', start: 'by the start of `penstock run`' }[by];
  return reason === '' ? who : `${who}: ${reason}`;
}
