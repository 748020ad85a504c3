import { hasCode, PenstockError } from '../../core/errors/penstock-error.ts';
import { copyWorker } from '../../core/operations/copying/copy-worker.ts';
import { finishCopies, noteWorkersEnded, type CopyStanding } from '../../core/operations/copying/finish-copies.ts';
import { loadChunks } from '../../core/operations/copying/load-chunks.ts';
import { planCopies } from '../../core/operations/copying/plan-copies.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { beginOperation, endOperation } from '../../core/operations/shared-operation.ts';
import { catalogOf } from '../../core/operations/contexts.ts';
import type { CopyWish, Wishes } from './programs.ts';

const KIND = 'full-extract';
const FAR = Number.MAX_SAFE_INTEGER;
const WORKERS = 3;

/**
 * A full extract as a state machine does it: one process calls the steps, the others read chunks. Where the caller dies, the process
 * that is started in its place calls them again, as a state machine tries a step again.
 */
export async function copyTogether(context: OperationContext, copy: CopyWish, wishes: Wishes): Promise<void> {
  const slot = slotOf(context.host.owner);
  copy.caller ??= slot;
  if (copy.caller === slot) await callSteps(context, copy, wishes);
  else await helpOut(context, copy.operation);
}

/** `reader1.4` is the fourth process in the place of `reader1`. */
function slotOf(owner: string): string {
  return owner.replace(/\.\d+$/, '');
}

async function callSteps(context: OperationContext, copy: CopyWish, wishes: Wishes): Promise<void> {
  const { operation } = copy;
  await again(context, () => beginOperation(context, { operation, kind: KIND }));
  for (let attempt = 1; ; attempt++) {
    const { tables } = copy;
    await again(context, () => planCopies(context, { operation, tables, attempt, deadline: FAR }));
    const state = await copyAndLoad(context, operation, attempt);
    if (state === 'stalled') continue;
    await again(context, () => endOperation(context, { operation, kind: KIND }, null));
    // A table that stops is one whose truncate came between two snapshots, or that was spoiled: the user has it copied again.
    for (const { state: standing } of await again(context, () => catalogOf(context).tables())) {
      if (standing.tag === 'stopped' && standing.code !== 'PS4012' && standing.code !== 'PS4007')
        throw new PenstockError('PS9001', standing.message);
    }
    wishes.copyIsDone(copy);
    return;
  }
}

async function copyAndLoad(
  context: OperationContext,
  operation: string,
  attempt: number,
): Promise<CopyStanding['state']> {
  const ended = new AbortController();
  const bound = { ...context, signal: AbortSignal.any([context.signal, ended.signal]) };
  const copying = Promise.allSettled([work(bound, operation, 0), work(bound, operation, 1)]).then((workers) => {
    for (const worker of workers) {
      if (worker.status === 'rejected') context.host.log.warn(String(worker.reason));
    }
    return again(bound, () => noteWorkersEnded(bound, attempt));
  });
  copying.catch(() => undefined);
  try {
    for (;;) {
      await again(bound, () => loadChunks(bound, { operation, deadline: FAR }));
      const { state } = await again(bound, () => finishCopies(bound, { operation, attempt, deadline: FAR }));
      if (state !== 'copying') return state;
      await context.host.clock.sleep(1000, bound.signal);
    }
  } finally {
    ended.abort(new Error('the attempt has ended'));
    await copying.catch(() => undefined);
  }
}

async function helpOut(context: OperationContext, operation: string): Promise<void> {
  try {
    await work(context, operation, 2);
  } catch (error) {
    // It has not begun, or has ended.
    if (!hasCode(error, 'PS1004', 'PS3002')) throw error;
  }
  await context.host.clock.sleep(2000, context.signal);
}

async function work(context: OperationContext, operation: string, worker: number): Promise<void> {
  await copyWorker(context, { operation, worker, workers: WORKERS, threads: 2 });
}

/** As a state machine tries again what passes by itself. */
export async function again<Result>(context: OperationContext, step: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      context.signal.throwIfAborted();
      // PS1008: a step of the operation before was held up, and took the log once more after its end; nobody keeps that lease alive.
      const passes = error instanceof PenstockError && (error.retry === 'timed' || hasCode(error, 'PS4006', 'PS1008'));
      if (!passes) throw error;
      await context.host.clock.sleep(1000, context.signal);
    }
  }
}
