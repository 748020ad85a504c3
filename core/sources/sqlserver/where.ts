import { conditionFault } from '../condition.ts';
import { requireConditionOf, saidByNumber } from '../require-condition.ts';
import type { ReplicatedTable } from './describe.ts';
import { serverErrorNumber } from './errors.ts';
import type { Session } from './server/session.ts';

/** Quoted text, quoted names and comments: their content is no part of the condition's structure. Comments in comments are counted by the server. */
export const OPAQUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** Refusals that are about the condition: syntax, unknown names and functions, wrong arguments, conversions. */
const FAULTS = new Set([
  102, 105, 113, 130, 137, 156, 174, 189, 195, 206, 207, 209, 245, 402, 4104, 4121, 4145, 8114, 8117,
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
