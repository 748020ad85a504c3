import { tableId } from '../changes/table-name.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { TableSelection } from './source-connector.ts';

/** How a source judges a condition. */
export interface ConditionTrial {
  /** Why a text cannot be a condition, as far as its outer form tells; null where it can. */
  readonly fault: (where: string) => string | null;
  /** Has the server plan the condition. */
  readonly plan: (where: string) => Promise<unknown>;
  /** What the server has against the condition; null: it failed for another reason. */
  readonly refusal: (error: unknown) => string | null;
}

/** @throws PenstockError PS1001 when the condition of a selection is none, or the server cannot plan it; else what `plan` throws */
export async function requireConditionOf(
  { table, where }: TableSelection,
  { fault, plan, refusal }: ConditionTrial,
): Promise<void> {
  if (where === null) return;
  const id = tableId(table);
  const refused = (why: string) => new PenstockError('PS1001', `where of ${id}: ${why}`, { table: id });
  const why = fault(where);
  if (why !== null) throw refused(why);
  try {
    await plan(where);
  } catch (error) {
    const said = refusal(error);
    if (said === null) throw error;
    throw refused(said);
  }
}

/** The server's words where the number of its error is among those that are about a condition. */
export function saidByNumber(
  numberOf: (error: unknown) => number | null,
  numbers: ReadonlySet<number>,
): ConditionTrial['refusal'] {
  return (error) => {
    const number = numberOf(error);
    return number !== null && numbers.has(number) && error instanceof Error ? error.message : null;
  };
}
