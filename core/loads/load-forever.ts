import { keepTrying } from '../errors/keep-trying.ts';
import { Loader } from './load.ts';
import type { LoadContext } from './load-context.ts';

/** How long a lost wake-up may delay a load, in milliseconds. */
const WAKE_UP_MILLISECONDS = 1000;

/**
 * Loads extracts as they become visible, until the signal aborts or, with `drained`, until it resolves and nothing visible is left.
 * @throws PenstockError PS4006 when another loader took over, and errors that somebody has to mend
 */
export async function loadForever(context: LoadContext, drained: Promise<void> | null): Promise<number> {
  const { host, pipeline, signal } = context;
  const loader = new Loader(context);
  const draining = new AbortController();
  let total = 0;
  drained?.then(
    () => {
      draining.abort();
      host.wakeUps.signal(pipeline);
    },
    () => undefined,
  );
  for (;;) {
    const lastRound = draining.signal.aborted;
    const loaded = await keepTrying(host, pipeline, 'load', signal, async (progressed) => {
      const count = await loader.loadAvailable();
      progressed();
      return count;
    });
    total += loaded;
    if (lastRound && loaded === 0) return total;
    if (loaded === 0 && !draining.signal.aborted) await host.wakeUps.wait(pipeline, WAKE_UP_MILLISECONDS, signal);
  }
}
