import { PenstockError } from '../errors/penstock-error.ts';
import { reportHalt } from '../events/report-halt.ts';
import { isRecurring } from '../schedule/due.ts';
import { followAndLoad } from './follow-and-load.ts';
import type { OperationContext } from './operation-context.ts';
import { runBySchedule } from './run-schedule.ts';
import { watchLog } from './watch-log.ts';

/**
 * Extracts and loads as the schedule says, without a pause or by runs, until the context's signal aborts; then it ends cleanly and resolves.
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
  const ended = new AbortController();
  const watching =
    source.mode === 'full' ? Promise.resolve() : watchLog(context, AbortSignal.any([signal, ended.signal]));
  try {
    await (isRecurring(schedule) ? runBySchedule(context, schedule) : followAndLoad(context, null));
  } catch (error) {
    if (!signal.aborted) {
      reportHalt(host, pipeline, error);
      throw error;
    }
    host.log.info('stopped', { pipeline });
  } finally {
    ended.abort();
    await watching;
  }
}
