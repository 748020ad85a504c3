import { keepTrying } from '../../errors/keep-trying.ts';
import { whileRenewed } from '../../catalog/lease.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { schedulerStanding, whyItIsOff, type SchedulerStanding } from './scheduler.ts';

/** How often who works, and who waits, looks at the switch, in milliseconds. */
export const SWITCH_MILLISECONDS = 5000;

/** Why work ended early. */
export class SwitchedOff extends Error {
  override readonly name = 'SwitchedOff';
}

/**
 * Does `work` while the scheduler is on: it is aborted within seconds when somebody switches it off, and begun anew when it is on again.
 * Ends when `work` ends by itself or the context's signal aborts.
 */
export async function whileSwitchedOn<Result>(
  context: OperationContext,
  work: (context: OperationContext) => Promise<Result>,
): Promise<Result> {
  for (;;) {
    await untilSwitchedOn(context);
    try {
      return await untilSwitchedOff(context, work);
    } catch (error) {
      if (context.signal.aborted || !(error instanceof SwitchedOff)) throw error;
    }
  }
}

/** Waits while the scheduler is off, and says so once. */
export async function untilSwitchedOn(context: OperationContext): Promise<void> {
  const { host, settings, signal } = context;
  let announced: string | null = null;
  for (;;) {
    const standing = await keepTrying(host, settings.pipeline, 'scheduler', signal, () => look(context));
    if (standing.on) return;
    if (standing.since !== announced) {
      const { since, remedy } = standing;
      const how = 'penstock schedule on';
      host.log.warn(whyItIsOff(standing), { pipeline: settings.pipeline, since, remedy, switchOn: how });
      announced = since;
    }
    await host.clock.sleep(SWITCH_MILLISECONDS, signal);
  }
}

/**
 * Does `work`, whose signal aborts when the scheduler is switched off. A catalog out of reach turns no switch.
 * @throws SwitchedOff where that ended it
 */
export async function untilSwitchedOff<Result>(
  context: OperationContext,
  work: (context: OperationContext) => Promise<Result>,
): Promise<Result> {
  const off = new AbortController();
  const watch = async (ended: AbortSignal): Promise<void> => {
    const isOver = () => ended.aborted;
    while (!isOver() && !off.signal.aborted) {
      await context.host.clock.sleep(SWITCH_MILLISECONDS, ended).catch(() => undefined);
      if (isOver()) return;
      const standing = await look(context).catch(() => null);
      if (standing?.on === false) off.abort(new SwitchedOff(whyItIsOff(standing)));
    }
  };
  try {
    return await whileRenewed(watch, context.signal, (signal) =>
      work({ ...context, signal: AbortSignal.any([signal, off.signal]) }),
    );
  } catch (error) {
    if (context.signal.aborted || !off.signal.aborted) throw error;
    context.host.log.info('work stopped at a clean place: the scheduler was switched off');
    throw off.signal.reason;
  }
}

function look(context: OperationContext): Promise<SchedulerStanding> {
  return schedulerStanding(catalogOf(context));
}
