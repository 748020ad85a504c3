import { setTimeout as sleep } from 'node:timers/promises';
import { count, durationText } from '../cli/output/quantities.ts';
import type { OperationContext, Progress } from '../core/operations/operation-context.ts';
import { run } from '../core/operations/replication/run.ts';
import { untilLoaded } from './caught-up.ts';
import { LagLog } from './lag-log.ts';
import { secondsSince, type Screen } from './screen.ts';
import type { Workload } from './workload.ts';

/** The pipeline, following the log until it is disposed of. */
export interface Following extends AsyncDisposable {
  /** Aborts when the demo is stopped, and with the error when following fails. */
  readonly signal: AbortSignal;
}

interface FollowOptions {
  readonly screen: Screen;
  readonly workload: Workload;
  /** How long the workload goes on; a column is added half-way. */
  readonly seconds: number;
}

/** Follows the log while customers are at work, then until the destination has caught up with them. */
export async function followShop(context: OperationContext, options: FollowOptions): Promise<Following> {
  const { screen, workload, seconds } = options;
  const lags = new LagLog();
  let report: (update: Progress) => void = () => undefined;
  const following = startRun(context, (update) => {
    lags.note(update);
    report(update);
  });
  try {
    const bound = { ...context, signal: following.signal };
    screen.line('');
    screen.line('Following the log');
    const began = performance.now();
    {
      using display = screen.progress();
      report = (update) => display.report(update);
      await pause(seconds * 500, following.signal);
      display.line(`at the source: ${await workload.addColumn()}`);
      await pause(seconds * 500, following.signal);
      // Only the workload's last transaction lies behind it.
      const beforeLast = await workload.stop(() => context.source.currentPosition(following.signal));
      const stopped = performance.now();
      await untilLoaded(bound, beforeLast, following.signal);
      report = () => undefined;
      display.line(`customers stopped; the destination caught up within ${secondsSince(stopped)}`);
    }
    for (const line of summary(workload, lags, performance.now() - began)) screen.line(line);
    return following;
  } catch (error) {
    await following[Symbol.asyncDispose]();
    throw error;
  }
}

function startRun(context: OperationContext, progress: (update: Progress) => void): Following {
  const [stopping, failed] = [new AbortController(), new AbortController()];
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const ended = run({ ...context, progress, signal: AbortSignal.any([context.signal, stopping.signal]) }).catch(
    (error: unknown) => failed.abort(error),
  );
  return {
    signal,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the demo is over'));
      await ended;
    },
  };
}

function summary(workload: Workload, lags: LagLog, milliseconds: number): string[] {
  const { transactions, rolledBack, changes } = workload.counts;
  const speed = `${count((lags.rows / milliseconds) * 1000)} changes/s`;
  const [middle, worst] = [lags.lag(0.5), lags.lag(1)];
  return [
    `  customers    ${count(changes)} changed rows in ${count(transactions)} transactions; ${count(rolledBack)} rolled back`,
    `  loaded       ${count(lags.rows)} changes in ${count(lags.loads)} extracts: ${speed}`,
    `  lag          ${middle === null || worst === null ? 'not known' : `median ${durationText(middle)}, longest ${durationText(worst)}`}, from an extract's last commit${workload.source.logsWholeSeconds ? ', whose time the log has in whole seconds,' : ''} to its load`,
  ];
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
}
