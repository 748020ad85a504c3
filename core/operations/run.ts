import { PenstockError } from '../errors/penstock-error.ts';
import { followAndLoad } from './follow-and-load.ts';
import type { OperationContext } from './operation-context.ts';

/** How often the log that the source keeps for this pipeline is looked at, in milliseconds. */
const LOG_HEALTH_MILLISECONDS = 30_000;
/** Less headroom than this many bytes, or more log kept than this, is reported. */
const LEAST_HEADROOM_BYTES = 2 * 1024 ** 3;
const MOST_RETAINED_BYTES = 10 * 1024 ** 3;

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
      reportHalt(context, error);
      throw error;
    }
    host.log.info('stopped', { pipeline: settings.pipeline });
  } finally {
    ended.abort();
    await watching;
  }
}

/** Reports a growing log before the source's disk is in danger. A look that fails is no reason to stop. */
async function watchLog(context: OperationContext, signal: AbortSignal): Promise<void> {
  const { host, settings, source } = context;
  const ended = () => signal.aborted;
  while (!ended()) {
    try {
      const { retainedBytes, headroomBytes } = await source.logHealth(signal);
      const isTight = headroomBytes !== null && headroomBytes < LEAST_HEADROOM_BYTES;
      if (retainedBytes !== null && (isTight || retainedBytes > MOST_RETAINED_BYTES)) {
        const remedy =
          'Look why loads are behind (penstock status); a pipeline that is not needed any more must be torn down, or its slot keeps the log.';
        host.events.emit({
          type: 'LogGrowing',
          pipeline: settings.pipeline,
          generated: host.clock.timestamp(),
          retainedBytes,
          headroomBytes,
          remedy,
        });
        host.log.warn('the source keeps much log for this pipeline', { retainedBytes, headroomBytes });
      }
    } catch (error) {
      if (!signal.aborted)
        host.log.warn('log health not known', { reason: error instanceof Error ? error.message : String(error) });
    }
    await host.clock.sleep(LOG_HEALTH_MILLISECONDS, signal).catch(() => undefined);
  }
}

function reportHalt(context: OperationContext, error: unknown): void {
  const { host, settings } = context;
  const known = error instanceof PenstockError;
  host.events.emit({
    type: 'HaltError',
    pipeline: settings.pipeline,
    generated: host.clock.timestamp(),
    errorCode: known ? error.code : 'PS9001',
    message: error instanceof Error ? error.message : String(error),
    remedy: known ? error.remedy : 'Report it with the message and the version.',
  });
}
