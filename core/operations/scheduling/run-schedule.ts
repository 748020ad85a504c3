import { catalogOf } from '../contexts.ts';
import { delta, type DeltaResult } from '../replication/delta.ts';
import { neverCopied } from '../replication/follow-and-load.ts';
import type { OperationContext } from '../operation-context.ts';
import type { Versioned } from '../../catalog/catalog.ts';
import type { ScheduleRecord } from '../../catalog/records.ts';
import { millisecondsFromTimestamp, timestampFromMilliseconds } from '../../changes/timestamp.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import { missedDue, nextDue } from '../../schedule/due.ts';
import type { Recurring } from '../../schedule/schedule.ts';

/** The longest pause between two looks at the clock, in milliseconds: a machine that slept, or whose clock was set, is late by no more. */
const LOOK_MILLISECONDS = 60_000;
/** How often a run that is due looks whether the pipeline is free, in milliseconds. */
const BUSY_MILLISECONDS = 5000;

/**
 * Makes a delta at every due time of the schedule, until the context's signal aborts. None overlaps another; of the due times
 * that pass while one is at work, or while nobody is there, the last is made good for as soon as it can be.
 * @throws PenstockError PS1004 before the first full extract, and what somebody has to mend first; the run is then made again at the next start
 */
export async function runBySchedule(
  context: OperationContext,
  schedule: Recurring,
  make: (context: OperationContext) => Promise<DeltaResult> = delta,
): Promise<never> {
  const { host, source, signal } = context;
  if (source.mode !== 'full') await refuseUncopied(context);
  let announced: number | null = null;
  for (;;) {
    const { record, version } = await inCatalog(context, () => served(context));
    const last = millisecondsFromTimestamp(record.served);
    const now = host.clock.now();
    const due = missedDue(schedule, last, now);
    if (due === null) {
      const next = nextDue(schedule, Math.max(last, now));
      if (next !== announced) host.log.info('waiting for the next run', { due: timestampFromMilliseconds(next) });
      announced = next;
      await host.clock.sleep(Math.min(next - now, LOOK_MILLISECONDS), signal);
    } else if (await runOnce(context, due, make)) {
      await host.failpoint('schedule.before-served');
      await inCatalog(context, () => serve(context, due, version));
    }
  }
}

/** @returns false where somebody else is at work: it may have served what is due. */
async function runOnce(
  context: OperationContext,
  due: number,
  make: (context: OperationContext) => Promise<DeltaResult>,
): Promise<boolean> {
  const { host, settings, signal } = context;
  try {
    host.log.info('run begins', { pipeline: settings.pipeline, due: timestampFromMilliseconds(due) });
    const { from, to, rows, stopped } = await make(context);
    host.log.info('run ended', {
      pipeline: settings.pipeline,
      due: timestampFromMilliseconds(due),
      extracts: to - from,
      rows,
    });
    for (const table of stopped) host.log.warn('table is stopped: see `penstock status`', { table });
    return true;
  } catch (error) {
    if (signal.aborted || !hasCode(error, 'PS1007', 'PS1009')) throw error;
    host.log.info('run waits: the pipeline is at work elsewhere', { reason: error.message });
    await host.clock.sleep(BUSY_MILLISECONDS, signal);
    return false;
  }
}

/** What was served; at the first start of all, nothing was missed before. */
async function served(context: OperationContext): Promise<Versioned<ScheduleRecord>> {
  const catalog = catalogOf(context);
  const found = await catalog.schedule();
  if (found !== null) return found;
  const record = { served: timestampFromMilliseconds(context.host.clock.now()) };
  return { record, version: await catalog.putSchedule(record, null) };
}

async function serve(context: OperationContext, due: number, version: number): Promise<void> {
  try {
    await catalogOf(context).putSchedule({ served: timestampFromMilliseconds(due) }, version);
  } catch (error) {
    // Another process served it, or this one did and the reply was lost: the next look tells.
    if (!hasCode(error, 'PS3005')) throw error;
  }
}

async function refuseUncopied(context: OperationContext): Promise<void> {
  const { position } = await inCatalog(context, () => catalogOf(context).head());
  if (position === null) throw neverCopied(context);
}

function inCatalog<Result>(context: OperationContext, attempt: () => Promise<Result>): Promise<Result> {
  const { host, settings, signal } = context;
  return keepTrying(host, settings.pipeline, 'schedule', signal, attempt);
}
