import { withLeaseAgain } from '../catalog/lease.ts';
import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import { retryOf } from '../errors/retry-policy.ts';
import { reportHalt } from '../events/report-halt.ts';
import { catalogOf } from './contexts.ts';
import { readUnderLease } from './follow-and-load.ts';
import type { OperationContext } from './operation-context.ts';
import { reportReaderStatus, type ReaderStanding, type ResourceUse } from './reader-status.ts';
import { watchLog } from './watch-log.ts';

/** How often who waits looks whether it may read, in milliseconds: a standby takes over within a lease's time and this. */
const LOOK_MILLISECONDS = 5000;
/** How often a reader that was halted tries again, in milliseconds: it goes on by itself when it was mended. */
const HALTED_MILLISECONDS = 60_000;
const STATUS_MILLISECONDS = 60_000;

/**
 * The reader alone, where loading is another process's work: follows the log until the context's signal aborts; then it ends cleanly and resolves.
 * It waits for the first full extract, while an operation has the log and while another reader is at work, as a standby does;
 * what somebody has to mend is reported, and tried again every minute.
 * `measure`: what the process uses of its machine, for its status.
 * @throws PenstockError what no time and no mending at the source helps against
 */
export async function follow(context: OperationContext, measure: () => Promise<ResourceUse>): Promise<void> {
  const { signal } = context;
  const reader = new Reader(context);
  const ended = new AbortController();
  const reporting = reportForever(context, reader, measure, AbortSignal.any([signal, ended.signal]));
  try {
    await reader.readForever();
  } catch (error) {
    if (!signal.aborted) throw error;
    context.host.log.info('stopped', { pipeline: context.settings.pipeline });
  } finally {
    ended.abort();
    await reporting;
  }
}

class Reader {
  readonly #context: OperationContext;
  #standing: ReaderStanding = waiting('it starts');
  #changed = new AbortController();

  constructor(context: OperationContext) {
    this.#context = context;
  }

  get standing(): ReaderStanding {
    return this.#standing;
  }

  /** Aborts when the reader stands otherwise than now. */
  get changed(): AbortSignal {
    return this.#changed.signal;
  }

  async readForever(): Promise<void> {
    const { host, settings, signal } = this.#context;
    for (;;) {
      try {
        const obstacle = await this.#obstacle();
        if (obstacle === null) await this.#read();
        else this.#stand(waiting(obstacle));
        await host.clock.sleep(LOOK_MILLISECONDS, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (hasCode(error, 'PS1007', 'PS1009')) {
          this.#stand(waiting('another reader or an operation has the log'));
          await host.clock.sleep(LOOK_MILLISECONDS, signal);
        } else if (retryOf(error) === 'never') {
          reportHalt(host, settings.pipeline, error);
          throw error;
        } else await this.#halt(error);
      }
    }
  }

  /** Why there is nothing to follow yet; null: there is. */
  async #obstacle(): Promise<string | null> {
    if (this.#context.source.mode === 'full') return 'this source has full extracts only, and no log to follow';
    const { position } = await catalogOf(this.#context).head();
    return position === null ? 'no full extract was made yet' : null;
  }

  async #read(): Promise<void> {
    const { host, settings, signal } = this.#context;
    await withLeaseAgain(host, settings.pipeline, 'reader', signal, async (lease, leaseSignal) => {
      host.log.info('following the log', { pipeline: settings.pipeline, epoch: lease.epoch });
      this.#stand({ state: 'following', reason: '', remedy: '', log: null });
      const ended = new AbortController();
      const watching = watchLog(this.#context, AbortSignal.any([leaseSignal, ended.signal]), (log) => {
        this.#standing = { ...this.#standing, log };
      });
      try {
        await readUnderLease(this.#context, lease, null, leaseSignal);
      } finally {
        ended.abort();
        await watching;
      }
    });
  }

  async #halt(error: unknown): Promise<void> {
    const { host, settings, signal } = this.#context;
    const known = error instanceof PenstockError ? error : null;
    const reason = error instanceof Error ? error.message : String(error);
    this.#stand({ state: 'halted', reason, remedy: known?.remedy ?? '', log: null });
    host.log.error('halted; trying again in a minute', { reason, code: known?.code ?? 'PS9001' });
    reportHalt(host, settings.pipeline, error);
    await host.clock.sleep(HALTED_MILLISECONDS, signal);
  }

  #stand(standing: ReaderStanding): void {
    const { state, reason } = this.#standing;
    const isOther = standing.state !== state || standing.reason !== reason;
    this.#standing = standing;
    if (!isOther) return;
    if (standing.state === 'waiting') this.#context.host.log.info('waiting', { reason: standing.reason });
    const changed = this.#changed;
    this.#changed = new AbortController();
    changed.abort();
  }
}

function waiting(reason: string): ReaderStanding {
  return { state: 'waiting', reason, remedy: '', log: null };
}

/** Once a minute, and when the reader stands otherwise. A status that cannot be told is no reason to stop reading. */
async function reportForever(
  context: OperationContext,
  reader: Reader,
  measure: () => Promise<ResourceUse>,
  signal: AbortSignal,
): Promise<void> {
  const { host } = context;
  const ended = (): boolean => signal.aborted;
  while (!ended()) {
    const { changed } = reader;
    try {
      await reportReaderStatus(context, reader.standing, await measure());
    } catch (error) {
      host.log.warn('status not reported', { reason: error instanceof Error ? error.message : String(error) });
    }
    await host.clock.sleep(STATUS_MILLISECONDS, AbortSignal.any([signal, changed])).catch(() => undefined);
  }
}
