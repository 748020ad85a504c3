import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { conditionFault } from '../condition.ts';
import type { ReplicatedTable } from './describe.ts';
import { serverErrorNumber } from './errors.ts';
import type { Session } from './server/session.ts';

/** Quoted text, also with quotes of one's own (`q'[…]'`), quoted names and comments: their content is no part of the condition's structure. */
export const OPAQUE =
  /n?q'(?:\[[\s\S]*?\]|\{[\s\S]*?\}|\([\s\S]*?\)|<[\s\S]*?>|([^[{(<\s])[\s\S]*?\1)'|'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\//gi;

/** Refusals that are about the condition: syntax, unknown names and functions, wrong arguments, conversions, a bind. */
const FAULTS = new Set([
  904, 905, 907, 908, 909, 911, 917, 918, 920, 932, 933, 934, 936, 938, 939, 1008, 1722, 1756, 1841, 1843, 1858, 1861,
  3049,
]);

/** Why a text cannot be a condition; null where it can, as far as its outer form tells. */
export function whereFault(where: string): string | null {
  return conditionFault(where, OPAQUE);
}

/** @throws PenstockError PS1001 when the server cannot plan the condition */
export async function requireCondition(session: Session, table: ReplicatedTable): Promise<void> {
  const { where } = table.selection;
  if (where === null) return;
  const id = tableId(table.schema.table);
  const fault = whereFault(where);
  if (fault !== null) throw new PenstockError('PS1001', `where of ${id}: ${fault}`, { table: id });
  try {
    await session.run({ tag: 'tryCondition', table: table.schema.table, where });
  } catch (error) {
    const number = serverErrorNumber(error);
    if (number === null || !FAULTS.has(number) || !(error instanceof Error)) throw error;
    throw new PenstockError('PS1001', `where of ${id}: ${error.message}`, { table: id });
  }
}
