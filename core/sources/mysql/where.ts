import { conditionFault, conditionSql } from '../condition.ts';
import { requireConditionOf, saidByNumber } from '../require-condition.ts';
import type { Session } from './connection.ts';
import type { ReplicatedTable } from './describe.ts';
import { serverErrorNumber } from './errors.ts';
import { qualified } from './sql.ts';

/** Quoted text, quoted names and comments: their content is no part of the condition's structure. That of {@link EXECUTED} is. */
export const OPAQUE =
  /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`(?:[^`]|``)*`|#[^\n]*|--(?=[\t\n\v\f\r ]|$)[^\n]*|\/\*[\s\S]*?\*\//g;

/** A comment that the server executes. */
const EXECUTED = /^\/\*M?!/;

/** Refusals that are about the condition: syntax, unknown names and functions, wrong arguments, ambiguity. */
const FAULTS = new Set([1052, 1054, 1064, 1111, 1305, 1582, 1584, 1630, 4161]);

/** Why a text cannot be a condition; null where it can, as far as its outer form tells. */
export function whereFault(where: string): string | null {
  if ([...where.matchAll(OPAQUE)].some(([text]) => EXECUTED.test(text)))
    return 'it holds a comment that the server executes';
  return conditionFault(where, OPAQUE);
}

/** @throws PenstockError PS1001 when the server cannot plan the condition */
export function requireCondition(session: Session, { selection, schema }: ReplicatedTable): Promise<void> {
  return requireConditionOf(selection, {
    fault: whereFault,
    plan: (where) => session.rows(`EXPLAIN SELECT 1 FROM ${qualified(schema.table)} WHERE ${conditionSql(where)}`),
    refusal: saidByNumber(serverErrorNumber, FAULTS),
  });
}
