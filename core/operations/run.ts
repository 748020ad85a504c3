import { PenstockError } from '../errors/penstock-error.ts';
import { reportHalt } from '../events/report-halt.ts';
import { followAndLoad } from './follow-and-load.ts';
import type { OperationContext } from './operation-context.ts';
import { watchLog } from './watch-log.ts';

/**
 * Follows the log and loads until the context's signal aborts; then it ends cleanly and resolves.
 * @throws PenstockError what somebody has to mend first
 */
export async function run(context: OperationContext): Promise<void> {
  const { host, settings, signal, source } = context;
  if (source.mode === 'full') {
    throw new PenstockError(
      'PS1001',
      `source.extractType of ${settings.pipeline} is full extracts, which have no log to follow`,
      {
        remedy: 'Call `penstock full-extract` or `penstock delta` as often as the copy is to be made anew.',
      },
    );
  }
  const ended = new AbortController();
  const watching = watchLog(context, AbortSignal.any([signal, ended.signal]));
  try {
    await followAndLoad(context, null);
  } catch (error) {
    if (!signal.aborted) {
      reportHalt(host, settings.pipeline, error);
      throw error;
    }
    host.log.info('stopped', { pipeline: settings.pipeline });
  } finally {
    ended.abort();
    await watching;
  }
}
