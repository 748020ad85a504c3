import { withLeaseInTurn } from '../catalog/lease.ts';
import { endForOperation, takeForOperation, workingForOperation } from '../catalog/operation-lease.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { catalogOf } from './contexts.ts';
import { runUnderWay } from './copying/copy-in-progress.ts';
import { endRun } from './copying/full-extract-run.ts';
import { neverCopied } from './replication/follow-and-load.ts';
import type { OperationContext } from './operation-context.ts';
import { leaveVerification } from './verification/verify.ts';

/** How an operation that many short processes share begins and ends; hosts/aws runs its steps by state machines. */

export const OPERATION_KINDS = [
  'full-extract',
  'sync-new-tables',
  'sync-structure',
  'rollback',
  'manual-delta',
  'verify',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** `operation`: its identifier, unique for ever; begun twice with one name it is one operation. */
export interface SharedOperation {
  readonly operation: string;
  readonly kind: OperationKind;
  /** The reader goes on reading meanwhile. */
  readonly beside?: boolean;
}

/**
 * Takes the log for the operation: a reader at work hands it over, and nobody reads it until the operation ends. One that goes on beside
 * the reader only keeps other operations out; a verification takes nothing.
 * @throws PenstockError PS1004 for a delta before the first full extract, PS1001 for one of a source without a log; PS1008 where another
 * operation is at work, PS1007 until the reader has handed over: try again
 */
export async function beginOperation(
  context: OperationContext,
  { operation, kind, beside = false }: SharedOperation,
): Promise<void> {
  const { host, settings } = context;
  if (kind === 'manual-delta') await refuseDelta(context);
  // A verification keeps nobody from anything.
  if (kind !== 'verify') await takeForOperation(host, settings.pipeline, operation, beside ? 'operation' : 'reader');
  host.events.emit({
    type: 'OperationStarted',
    pipeline: settings.pipeline,
    generated: host.clock.timestamp(),
    operation,
    kind,
  });
}

/** Before a task is started for it. */
async function refuseDelta(context: OperationContext): Promise<void> {
  const { settings, source } = context;
  if (source.mode === 'full') {
    const message = `source.extractType of ${settings.pipeline} is full extracts: there are no changes to read`;
    throw new PenstockError('PS1001', message, { remedy: 'Start the operation Full Extract instead.' });
  }
  if ((await catalogOf(context).head()).position === null) throw neverCopied(context);
}

/**
 * Gives the log back, so that reading and loading go on; safe to repeat. A full extract that failed stays under way: the next one goes on with it.
 * `failure`: what it failed with; null: it succeeded.
 */
export async function endOperation(
  context: OperationContext,
  { operation, kind, beside = false }: SharedOperation,
  failure: string | null,
): Promise<void> {
  const { host, settings } = context;
  if (failure === null && !beside && (kind === 'full-extract' || kind === 'sync-new-tables')) {
    await endCopies(context, operation);
  }
  if (kind === 'verify') await leaveVerification(context, operation);
  else await endForOperation(host, settings.pipeline, operation);
  host.events.emit({
    type: 'OperationEnded',
    pipeline: settings.pipeline,
    generated: host.clock.timestamp(),
    operation,
    kind,
    outcome: failure === null ? 'succeeded' : 'failed',
    message: failure ?? '',
  });
}

/** Called again after a lost reply, it finds the run ended and does nothing. */
async function endCopies(context: OperationContext, operation: string): Promise<void> {
  const { host, settings, signal } = context;
  const stored = await catalogOf(context).fullExtract();
  if (stored === null || stored.record.state === 'done') return;
  await workingForOperation(host, settings.pipeline, operation, signal, (_, operationSignal) =>
    withLeaseInTurn(host, settings.pipeline, 'loader', operationSignal, async (loader, loaderSignal) => {
      const bound: OperationContext = { ...context, signal: loaderSignal };
      await bound.destination.takeLedger(settings.pipeline, loader.epoch, loaderSignal);
      const { record: run } = await runUnderWay(bound);
      await endRun(bound, loader, run, (await catalogOf(bound).head()).lastExtract);
    }),
  );
}
