import { conditionFault } from '../condition.ts';
import { requireConditionOf, saidByNumber } from '../require-condition.ts';
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
export function requireCondition(session: Session, { selection, schema }: ReplicatedTable): Promise<void> {
  return requireConditionOf(selection, {
    fault: whereFault,
    plan: (where) => session.run({ tag: 'tryCondition', table: schema.table, where }),
    refusal: saidByNumber(serverErrorNumber, FAULTS),
  });
}
