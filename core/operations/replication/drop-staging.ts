import type { TargetTable } from '../../destinations/target-table.ts';
import type { LoadContext } from '../../loads/load-context.ts';
import type { OperationContext } from '../operation-context.ts';

/** A destination that does not answer keeps nobody from ending. */
const PATIENCE_MILLISECONDS = 5000;

/**
 * Loads, and drops the staging tables that were used when the loads end in order; the destination keeps them where the settings say so.
 * Under the loader's lease: nobody else uses them meanwhile. Tables of an operation that failed are used again by the next one.
 */
export async function droppingStaging(
  context: OperationContext,
  load: LoadContext,
  work: (load: LoadContext) => Promise<unknown>,
): Promise<void> {
  const used = new Map<string, TargetTable>();
  const targetOf: LoadContext['targetOf'] = (table, schema) => {
    const target = load.targetOf(table, schema);
    used.set(table, target);
    return target;
  };
  try {
    await work({ ...load, targetOf });
  } catch (error) {
    if (context.signal.aborted && error === context.signal.reason) await drop(context, [...used.values()]);
    throw error;
  }
  await drop(context, [...used.values()]);
}

async function drop({ destination, host }: OperationContext, targets: readonly TargetTable[]): Promise<void> {
  if (targets.length === 0) return;
  const impatient = new AbortController();
  const ended = new AbortController();
  host.clock.sleep(PATIENCE_MILLISECONDS, ended.signal).then(
    () => {
      impatient.abort(new Error('the destination does not answer'));
    },
    () => undefined,
  );
  try {
    await destination.dropStaging(targets, impatient.signal);
  } catch (error) {
    host.log.warn('staging tables are left', { reason: error instanceof Error ? error.message : String(error) });
  } finally {
    ended.abort();
  }
}
