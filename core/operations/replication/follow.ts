import { withLeaseAgain } from '../../catalog/lease.ts';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { retryOf } from '../../errors/retry-policy.ts';
import type { ExtractedSince } from '../../events/event.ts';
import { reportHalt } from '../../events/report-halt.ts';
import { catalogOf } from '../contexts.ts';
import { readUnderLease } from './follow-and-load.ts';
import type { OperationContext, Progress } from '../operation-context.ts';
import { reportReaderStatus, type ReaderStanding, type ResourceUse } from './reader-status.ts';
import { haltScheduler, schedulerStanding, whyItIsOff, type SchedulerStanding } from '../scheduling/scheduler.ts';
import { watchLog } from './watch-log.ts';
import { SwitchedOff, untilSwitchedOff, untilSwitchedOn } from '../scheduling/while-switched-on.ts';

/** How often who waits looks whether it may read, in milliseconds: a standby takes over within a lease's time and this. */
const LOOK_MILLISECONDS = 5000;
/** How often a reader that met an error of no known kind tries again, in milliseconds. */
const HALTED_MILLISECONDS = 60_000;
const STATUS_MILLISECONDS = 60_000;

/**
 * The reader alone, where loading is another process's work: follows the log until the context's signal aborts; then it ends cleanly and resolves.
 * It waits for the first full extract, while the scheduler is switched off, while an operation has the log and while another reader is
 * at work, as a standby does; what somebody has to mend switches the scheduler off.
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
  #extracted = NOTHING_EXTRACTED;

  constructor(context: OperationContext) {
    this.#context = context;
  }

  get standing(): ReaderStanding {
    return this.#standing;
  }

  /** What was extracted since the last call. */
  takeExtracted(): ExtractedSince {
    const extracted = this.#extracted;
    this.#extracted = NOTHING_EXTRACTED;
    return extracted;
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
        const scheduler = await schedulerStanding(catalogOf(this.#context));
        if (!scheduler.on) await this.#waitSwitchedOff(scheduler, obstacle === null);
        else if (obstacle === null) await untilSwitchedOff(this.#context, (context) => this.#read(context));
        else this.#stand(waiting(obstacle));
        await host.clock.sleep(LOOK_MILLISECONDS, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof SwitchedOff) continue;
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

  /** The source keeps its log meanwhile: how much, and for how long, is looked at all the same. */
  async #waitSwitchedOff(scheduler: SchedulerStanding, isCopied: boolean): Promise<void> {
    const { by, remedy } = scheduler;
    const reason = whyItIsOff(scheduler);
    const state = by === 'error' ? 'halted' : 'waiting';
    const how = [...(remedy === '' ? [] : [remedy]), 'Switch the scheduler on again when it is mended.'].join(' ');
    this.#stand({ state, reason, remedy: by === 'error' ? how : '', log: null, isSwitchedOff: true });
    if (isCopied) await this.#watchingLog(this.#context, () => untilSwitchedOn(this.#context));
    else await untilSwitchedOn(this.#context);
  }

  async #watchingLog(context: OperationContext, work: () => Promise<void>): Promise<void> {
    const ended = new AbortController();
    const watching = watchLog(context, AbortSignal.any([context.signal, ended.signal]), (log) => {
      this.#standing = { ...this.#standing, log };
    });
    try {
      await work();
    } finally {
      ended.abort();
      await watching;
    }
  }

  async #read(context: OperationContext): Promise<void> {
    const { host, settings, signal } = context;
    await withLeaseAgain(host, settings.pipeline, 'reader', signal, async (lease, leaseSignal) => {
      host.log.info('following the log', { pipeline: settings.pipeline, epoch: lease.epoch });
      this.#stand({ state: 'following', reason: '', remedy: '', log: null });
      const bound = { ...this.#counting(context), signal: leaseSignal };
      await this.#watchingLog(bound, () => readUnderLease(bound, lease, null, leaseSignal));
    });
  }

  #counting(context: OperationContext): OperationContext {
    const { progress } = context;
    return {
      ...context,
      progress: (update) => {
        if (update.tag === 'extract') this.#extracted = added(this.#extracted, update);
        progress(update);
      },
    };
  }

  async #halt(error: unknown): Promise<void> {
    const { host, signal } = this.#context;
    const known = error instanceof PenstockError ? error : null;
    const reason = error instanceof Error ? error.message : String(error);
    this.#stand({ state: 'halted', reason, remedy: known?.remedy ?? '', log: null });
    // Mended by somebody, who switches it on again; what is not known to need that may pass.
    if (await haltScheduler(host, catalogOf(this.#context), error, signal)) return;
    host.log.error('halted; trying again in a minute', { reason, code: known?.code ?? 'PS9001' });
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

const NOTHING_EXTRACTED: ExtractedSince = { extracts: 0, extractedRows: 0, extractedBytes: 0 };

function added({ extracts, extractedRows, extractedBytes }: ExtractedSince, { rows, bytes }: ExtractProgress) {
  return { extracts: extracts + 1, extractedRows: extractedRows + rows, extractedBytes: extractedBytes + bytes };
}

type ExtractProgress = Extract<Progress, { tag: 'extract' }>;

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
      await reportReaderStatus(context, reader.standing, await measure(), reader.takeExtracted());
    } catch (error) {
      host.log.warn('status not reported', { reason: error instanceof Error ? error.message : String(error) });
    }
    await host.clock.sleep(STATUS_MILLISECONDS, AbortSignal.any([signal, changed])).catch(() => undefined);
  }
}
