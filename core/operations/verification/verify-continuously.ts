import { VerificationRecords } from '../../catalog/verification-records.ts';
import { millisecondsFromTimestamp } from '../../changes/timestamp.ts';
import type { OperationContext } from '../operation-context.ts';
import { verify } from './verify.ts';

/** After a failure: the source or the destination may be out of reach. */
const AGAIN_MILLISECONDS = 10 * 60_000;

/**
 * Compares all tables again and again, chunk by chunk, with pauses that keep to the share of the settings, until the signal aborts.
 * Never rejects: what it finds is in the catalog and in events, and what keeps it from comparing is logged.
 */
export async function verifyContinuously(context: OperationContext): Promise<void> {
  const { host, settings, signal } = context;
  const { continuous, share, milliseconds } = settings.verify;
  if (!continuous) return;
  const records = new VerificationRecords(host.items, settings.pipeline);
  // The process's display is for what the user asked for.
  const silent: OperationContext = { ...context, progress: () => undefined };
  const pause = (worked: number): Promise<void> => host.clock.sleep((worked * (100 - share)) / share, signal);
  const isEnded = (): boolean => signal.aborted;
  while (!isEnded()) {
    try {
      const last = await records.run('continuous');
      const rest =
        last?.ended === true ? millisecondsFromTimestamp(last.startedAt) + milliseconds - host.clock.now() : 0;
      if (rest > 0) await host.clock.sleep(rest, signal);
      const { tables } = await verify(silent, { tables: null, name: 'continuous', pause });
      const different = tables.filter(({ tag }) => tag === 'different').length;
      host.log.info('verified in the background', { tables: tables.length, different });
    } catch (error) {
      if (isEnded()) return;
      host.log.warn('verification in the background failed', {
        reason: error instanceof Error ? error.message : String(error),
      });
      await host.clock.sleep(AGAIN_MILLISECONDS, signal).catch(() => undefined);
    }
  }
}
