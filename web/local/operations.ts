import { PenstockError } from '../../core/errors/penstock-error.ts';
import type { Host } from '../../core/host/host.ts';
import type { OperationContext, Progress } from '../../core/operations/operation-context.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { OperationsDesk } from '../api/console-host.ts';
import { isExclusive, needOf } from '../api/operations/operation-need.ts';
import { copiesIn, summaryOf, troubleIn } from '../api/operations/operation-summary.ts';
import { failureOf } from '../api/problems/problem-document.ts';
import type { Operation, OperationRequest, OperationResult } from '../api/schemas/operations.ts';
import { OperationRecords, type StoredOperation } from './operation-records.ts';
import { performOperation } from './perform-operation.ts';
import { RunningOperation } from './running-operation.ts';

/** Operations that change nothing may run beside each other, up to so many. */
const MOST_BESIDE = 3;

export interface OperationsSite {
  readonly pipeline: string;
  readonly host: Host;
  /** Does `work` with connections of its own, which are closed afterwards. */
  readonly working: <Result>(
    settings: PipelineSettings,
    signal: AbortSignal,
    progress: (update: Progress) => void,
    work: (context: OperationContext) => Promise<Result>,
  ) => Promise<Result>;
  /** Does `work` while nothing is followed: what is at work ends at a clean place first, and goes on afterwards. */
  readonly pausing: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** Operations in this process: one that needs the log at a time, and a few that only look beside it. */
export class Operations implements OperationsDesk, AsyncDisposable {
  readonly #site: OperationsSite;
  readonly #records: OperationRecords;
  readonly #running = new Map<string, { readonly operation: RunningOperation; readonly ended: Promise<void> }>();

  constructor(site: OperationsSite) {
    this.#site = site;
    this.#records = new OperationRecords(site.host.items, site.pipeline);
  }

  async start(settings: PipelineSettings, request: OperationRequest, by: string): Promise<Operation> {
    this.#refuseTooMany(request);
    const { clock, randomness, events, owner } = this.#site.host;
    const startedAt = clock.timestamp();
    const id = `${startedAt.replaceAll(/\D/g, '').slice(0, 17)}-${randomness.identifier().slice(0, 6)}`;
    const operation = new RunningOperation({ id, request, by, startedAt });
    const begun = Promise.withResolvers<undefined>();
    const ended = begun.promise.then(() => this.#run(settings, operation));
    // At once, so that no second one starts while the record is written.
    this.#running.set(id, { operation, ended });
    try {
      await this.#records.put({ owner, operation: operation.operation });
      const { pipeline } = this.#site;
      events.emit({ type: 'OperationStarted', pipeline, generated: startedAt, operation: id, kind: request.kind });
    } catch (error) {
      this.#running.delete(id);
      throw error;
    }
    begun.resolve(undefined);
    return operation.operation;
  }

  async stop(id: string): Promise<Operation | null> {
    const running = this.#running.get(id)?.operation;
    running?.stop();
    return running?.operation ?? this.get(id);
  }

  async get(id: string): Promise<Operation | null> {
    const running = this.#running.get(id);
    if (running !== undefined) return running.operation.operation;
    const stored = await this.#records.get(id);
    return stored === null ? null : this.#told(stored);
  }

  running(): Promise<Operation[]> {
    const all = [...this.#running.values()].map(({ operation }) => operation);
    const sorted = all.sort((a, b) => Number(isExclusive(b.request)) - Number(isExclusive(a.request)));
    return Promise.resolve(sorted.map((running) => running.operation));
  }

  async list(after: string | null, limit: number): Promise<Operation[]> {
    return (await this.#records.list(after, limit)).map((stored) => this.#told(stored));
  }

  /** The one that has the log. */
  get exclusive(): RunningOperation | null {
    for (const { operation } of this.#running.values()) if (isExclusive(operation.request)) return operation;
    return null;
  }

  /** Stops all and waits for their clean ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { operation } of this.#running.values()) operation.stop();
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** One whose process has ended before it did is interrupted, whatever its record says. */
  #told({ owner, operation }: StoredOperation): Operation {
    const running = this.#running.get(operation.id);
    if (running !== undefined) return running.operation.operation;
    if (operation.state !== 'running' && operation.state !== 'stopping') return operation;
    if (owner !== this.#site.host.owner && !this.#site.host.ownerIsGone(owner)) return operation;
    return { ...operation, state: 'interrupted', message: 'its process ended first; started again, it goes on' };
  }

  #refuseTooMany(request: OperationRequest): void {
    const busy = this.exclusive;
    if (isExclusive(request) && busy !== null) {
      throw new PenstockError('PS1008', `${busy.request.kind} ${busy.id} works on ${this.#site.pipeline}`);
    }
    const beside = [...this.#running.values()].filter(({ operation }) => !isExclusive(operation.request)).length;
    if (!isExclusive(request) && beside >= MOST_BESIDE) {
      throw new PenstockError('PS1008', `${beside} others look at ${this.#site.pipeline} already`);
    }
  }

  async #run(settings: PipelineSettings, running: RunningOperation): Promise<void> {
    const { host, pipeline, working, pausing } = this.#site;
    const { id, request, signal } = running;
    const perform = (): Promise<Operation> =>
      working(
        settings,
        signal,
        (update) => {
          running.progress(update);
        },
        (context) => performOperation(context, request),
      ).then((result) => endOf(running, result));
    let ended: Operation;
    try {
      ended = needOf(request) === 'standstill' ? await pausing(perform) : await perform();
    } catch (error) {
      const isStopped = signal.aborted && error === signal.reason;
      const failure = failureOf(error);
      ended = {
        ...running.operation,
        state: isStopped ? 'stopped' : 'failed',
        message: isStopped ? 'stopped at a clean place; started again, it goes on from there' : failure.message,
        error: isStopped ? null : failure,
      };
    }
    const generated = host.clock.timestamp();
    const outcome = ended.state === 'failed' ? 'failed' : 'succeeded';
    const message = ended.state === 'failed' ? ended.message : '';
    host.events.emit({
      type: 'OperationEnded',
      pipeline,
      generated,
      operation: id,
      kind: request.kind,
      outcome,
      message,
    });
    try {
      await this.#records.put({ owner: host.owner, operation: { ...ended, endedAt: generated } });
      await this.#records.forgetOld();
    } catch (error) {
      host.log.error('the end of an operation is not recorded', { operation: id, reason: String(error) });
    }
    this.#running.delete(id);
  }
}

function endOf(running: RunningOperation, result: Awaited<ReturnType<typeof performOperation>>): Operation {
  const isDryRun = 'dryRun' in running.request && running.request.dryRun === true;
  const trouble = troubleIn(result);
  return {
    ...running.operation,
    state: trouble === null ? 'succeeded' : 'failed',
    message: summaryOf(result, isDryRun),
    error: trouble === null ? null : firstError(result),
    result,
  };
}

function firstError(result: OperationResult): Operation['error'] {
  return copiesIn(result).find(({ error }) => error !== null)?.error ?? null;
}
