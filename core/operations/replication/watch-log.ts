import { millisecondsFromTimestamp, type Timestamp } from '../../changes/timestamp.ts';
import type { LogHealth } from '../../sources/source-connector.ts';
import type { OperationContext } from '../operation-context.ts';

/** How often the log at the source is looked at, in milliseconds. */
const LOOK_MILLISECONDS = 30_000;
/** Less headroom than this many bytes, or more log kept than this, is reported. */
const LEAST_HEADROOM_BYTES = 2 * 1024 ** 3;
const MOST_RETAINED_BYTES = 10 * 1024 ** 3;
/** A log that is dropped sooner than this is reported: half a day leaves time to mend what holds up the reader. */
const LEAST_REMAINING_MILLISECONDS = 12 * 3600 * 1000;

/**
 * Reports a log that grows or runs out, before the source's disk is full or a full extract is needed. A look that fails is no reason to stop.
 * `onLook` gets what each look found; null: it failed.
 */
export async function watchLog(
  context: OperationContext,
  signal: AbortSignal,
  onLook: (health: LogHealth | null) => void = () => undefined,
): Promise<void> {
  const { host, source } = context;
  const ended = () => signal.aborted;
  while (!ended()) {
    try {
      const health = await source.logHealth(signal);
      onLook(health);
      reportGrowing(context, health);
      if (health.expiresAt !== null) reportExpiring(context, health.expiresAt);
    } catch (error) {
      onLook(null);
      if (!signal.aborted)
        host.log.warn('log health not known', { reason: error instanceof Error ? error.message : String(error) });
    }
    await host.clock.sleep(LOOK_MILLISECONDS, signal).catch(() => undefined);
  }
}

function reportGrowing({ host, settings }: OperationContext, { retainedBytes, headroomBytes }: LogHealth): void {
  const isTight = headroomBytes !== null && headroomBytes < LEAST_HEADROOM_BYTES;
  if (retainedBytes === null || !(isTight || retainedBytes > MOST_RETAINED_BYTES)) return;
  const remedy =
    'Look why loads are behind (penstock status); a pipeline that is not needed any more must be torn down, or its slot keeps the log.';
  const generated = host.clock.timestamp();
  host.events.emit({
    ...{ type: 'LogGrowing', pipeline: settings.pipeline, generated },
    ...{ retainedBytes, headroomBytes, remedy },
  });
  host.log.warn('the source keeps much log for this pipeline', { retainedBytes, headroomBytes });
}

function reportExpiring({ host, settings }: OperationContext, expiresAt: Timestamp): void {
  if (millisecondsFromTimestamp(expiresAt) - host.clock.now() > LEAST_REMAINING_MILLISECONDS) return;
  const remedy =
    'Look why reading is behind (penstock status), or let the source keep its log longer (penstock check says how).';
  const generated = host.clock.timestamp();
  host.events.emit({ type: 'LogExpiring', pipeline: settings.pipeline, generated, expiresAt, remedy });
  host.log.warn('the source will drop the log that is needed next', { expiresAt });
}
