import { PenstockError } from '../../errors/penstock-error.ts';
import { isRecurring } from '../../schedule/due.ts';
import { catalogOf } from '../contexts.ts';
import { followAndLoad } from './follow-and-load.ts';
import type { OperationContext } from '../operation-context.ts';
import { runBySchedule } from '../scheduling/run-schedule.ts';
import { haltScheduler, switchScheduler } from '../scheduling/scheduler.ts';
import { verifyContinuously } from '../verification/verify-continuously.ts';
import { watchLog } from './watch-log.ts';
import { whileSwitchedOn } from '../scheduling/while-switched-on.ts';

/**
 * Extracts and loads as the schedule says, without a pause or by runs, until the context's signal aborts; then it ends cleanly and resolves.
 * While the scheduler is switched off it waits. What somebody has to mend switches it off and ends this process: the next one waits, too.
 * @throws PenstockError what somebody has to mend first; PS1001 where the schedule is manual, or needs a log and there is none
 */
export async function run(context: OperationContext): Promise<void> {
  const { host, signal, source } = context;
  const { pipeline, schedule } = context.settings;
  if (schedule.tag === 'manual') {
    throw new PenstockError('PS1001', `schedule.type of ${pipeline} is manual: nothing runs by itself`, {
      remedy: 'Call `penstock delta` whenever changes are to be loaded, or set another schedule.',
    });
  }
  if (source.mode === 'full' && !isRecurring(schedule)) {
    throw new PenstockError(
      'PS1001',
      `source.extractType of ${pipeline} is full extracts, which have no log to follow`,
      {
        remedy:
          'Set a schedule that is periodic, daily, weekly or monthly, or call `penstock full-extract` or `penstock delta` as often as the copy is to be made anew.',
      },
    );
  }
  if (!context.settings.restoreOnStartup) await startSwitchedOff(context);
  const ended = new AbortController();
  const watching =
    source.mode === 'full' ? Promise.resolve() : watchLog(context, AbortSignal.any([signal, ended.signal]));
  const verifying = verifyContinuously({ ...context, signal: AbortSignal.any([signal, ended.signal]) });
  try {
    await whileSwitchedOn(context, (bound) =>
      isRecurring(schedule) ? runBySchedule(bound, schedule) : followAndLoad(bound, null),
    );
  } catch (error) {
    if (!signal.aborted) {
      await haltScheduler(host, catalogOf(context), error, signal);
      throw error;
    }
    host.log.info('stopped', { pipeline });
  } finally {
    ended.abort();
    await Promise.all([watching, verifying]);
  }
}

async function startSwitchedOff(context: OperationContext): Promise<void> {
  const reason = 'schedule.restoreOnStartup is false';
  await switchScheduler(context.host, catalogOf(context), { on: false, by: 'start', reason });
}
