import type { SourcePosition } from '../../changes/position.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';

/** Where a table's copy stands. */
export interface TableStanding {
  /** The last extract that is in it. */
  readonly applied: number;
  /** The place in the log up to which all changes are in it; null: nothing was ever read. */
  readonly place: SourcePosition | null;
}

export async function tableStanding(context: OperationContext, table: string): Promise<TableStanding> {
  const { destination, settings, signal } = context;
  const marks = await destination.ledger(settings.pipeline, signal);
  const applied = marks.tables.get(table) ?? marks.applied ?? 0;
  // Asked after the ledger: what the head says then was not loaded any later.
  const head = await catalogOf(context).head();
  if (applied >= head.lastExtract) return { applied, place: head.position };
  const [next] = await catalogOf(context).extractsAfter(applied, 1);
  return { applied, place: next?.from ?? head.position };
}
