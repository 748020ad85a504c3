import { hasCode } from '../../core/errors/penstock-error.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { rollback, type RollbackResult } from '../../core/operations/rollback/rollback.ts';
import { rollbackPoints } from '../../core/operations/rollback/rollback-points.ts';
import { beginOperation, endOperation } from '../../core/operations/shared-operation.ts';
import type { TableVerdict } from '../../core/operations/verification/verdict.ts';
import { verify } from '../../core/operations/verification/verify.ts';
import { again } from './shared-copy.ts';
import type { Wishes } from './programs.ts';

/** What the user asks operators for. */
export type OperatorOrder = VerifyOrder | RollbackOrder;

export interface VerifyOrder {
  readonly tag: 'verify';
  readonly tables: readonly string[] | null;
  readonly repair: boolean;
  /** Microseconds since 1970. */
  readonly askedAt: bigint;
  /** Nothing moves any more: the verdicts have to be exact, and of a verification that began after it was asked for. */
  readonly isAtRest: boolean;
}

export interface RollbackOrder {
  readonly tag: 'rollback';
  readonly tables: readonly string[] | null;
  /** How many extracts it goes back. */
  readonly depth: number;
  /** `alone`: nobody else works, as on one machine. `beside`: the loader hands over and does the work. `operation`: as a state machine does it. */
  readonly manner: 'alone' | 'beside' | 'operation';
  readonly operation: string;
  /** The point, once it is chosen. */
  to: number | null;
  attempts: number;
}

/** Where operators tell what they found. */
export interface OperatorRules {
  /** Microseconds: when the verification began that a call now goes on with. */
  beginning(): bigint;
  verdict(verdict: TableVerdict, begun: bigint, isAtRest: boolean): void;
  /** A verification that was asked for has ended. */
  verified(order: VerifyOrder, verdicts: readonly TableVerdict[]): void;
  /** A rollback has ended; `isDone`: all was loaded. */
  rolledBack(result: RollbackResult, isDone: boolean): void;
}

/** Whether nobody else may work meanwhile. */
export function isAlone(order: OperatorOrder): boolean {
  return order.tag === 'rollback' && order.manner === 'alone';
}

/** A rollback that is refused so often is not asked for any more. */
const ATTEMPTS = 3;

export async function operate(context: OperationContext, wishes: Wishes, rules: OperatorRules): Promise<void> {
  const { order } = wishes;
  const { clock } = context.host;
  // What was begun holds the log, so that the copy would wait for it.
  if (order === null || (order.tag === 'rollback' && order.attempts === 0 && wishes.copy !== null)) {
    await clock.sleep(500, context.signal);
    return;
  }
  try {
    if (order.tag === 'verify') await verifyOnce(context, order, wishes, rules);
    else await rollBack(context, order, wishes, rules);
  } catch (error) {
    // Refused for now: another process is at work, a table is stopped, being copied or of another structure, and extracts are kept for less
    // than a minute, so that one may be gone before it was asked what it touches.
    if (!hasCode(error, 'PS1007', 'PS1008', 'PS1009', 'PS5002', 'PS4010', 'PS3001')) throw error;
    if (hasCode(error, 'PS5002') && order.tag === 'verify' && !order.isAtRest) wishes.orderIsDone(order);
    await clock.sleep(1000, context.signal);
  }
}

async function verifyOnce(
  context: OperationContext,
  order: VerifyOrder,
  wishes: Wishes,
  rules: OperatorRules,
): Promise<void> {
  const { tables, repair, askedAt } = order;
  const begun = rules.beginning();
  const { tables: verdicts } = await verify(context, { tables, repair });
  // The reader may have died just before everything came to rest: nobody knows then what is in flight, and the user asks again.
  const isKnown = verdicts.every((verdict) => verdict.tag !== 'different' || verdict.inFlight === 'none');
  // Of two that were started the second one ends when the user has gone on already.
  const isCurrent = wishes.order === order;
  const isExact = order.isAtRest && begun >= askedAt && isKnown && isCurrent;
  for (const verdict of verdicts) rules.verdict(verdict, begun, isExact);
  if (!isCurrent || (order.isAtRest && !isExact)) return;
  rules.verified(order, verdicts);
  wishes.orderIsDone(order);
}

async function rollBack(
  context: OperationContext,
  order: RollbackOrder,
  wishes: Wishes,
  rules: OperatorRules,
): Promise<void> {
  const { randomness } = context.host;
  // Somebody who was killed is not always asked again: the next load ends what was begun.
  if (order.attempts++ > 0 && randomness.fraction() < 0.2) {
    await leave(context, order);
    wishes.orderIsDone(order);
    return;
  }
  try {
    order.to ??= await choosePoint(context, order);
    if (order.to === null) {
      await leave(context, order);
      wishes.orderIsDone(order);
      return;
    }
    const request = {
      to: order.to,
      tables: order.tables,
      dryRun: randomness.fraction() < 0.2,
      load: order.manner === 'alone',
    };
    const result = order.manner === 'operation' ? await asOperation(context, order) : await rollback(context, request);
    if (order.manner !== 'operation' && request.dryRun) return;
    rules.rolledBack(result, order.manner === 'alone');
    wishes.orderIsDone(order);
  } catch (error) {
    if (!hasCode(error, 'PS1010', 'PS3001', 'PS1004')) throw error;
    await leave(context, order);
    order.to = null;
    if (order.attempts >= ATTEMPTS) wishes.orderIsDone(order);
  }
}

async function choosePoint(context: OperationContext, { depth }: RollbackOrder): Promise<number | null> {
  const { points } = await rollbackPoints(context, { before: null, limit: 40 });
  const available = points.filter((point) => point.available);
  // Now and then one that has expired: the log may still have it.
  const chosen = context.host.randomness.fraction() < 0.2 ? points : available;
  return chosen[Math.min(depth, chosen.length - 1)]?.file ?? null;
}

/** As a state machine calls it: the log is the operation's meanwhile. */
async function asOperation(context: OperationContext, order: RollbackOrder): Promise<RollbackResult> {
  const { operation, tables, to } = order;
  const shared = { operation, kind: 'rollback' } as const;
  await again(context, () => beginOperation(context, shared));
  const request = { to: to ?? 0, tables, dryRun: false, load: false };
  const result = await again(context, () => rollback(context, request, { operation, isEnough: () => false }));
  await again(context, () => endOperation(context, shared, null));
  return result;
}

async function leave(context: OperationContext, { operation, manner }: RollbackOrder): Promise<void> {
  if (manner !== 'operation') return;
  await again(context, () => endOperation(context, { operation, kind: 'rollback' }, 'refused'));
}
