import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { conditionFault, conditionSql } from '../condition.ts';
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
export async function requireCondition(session: Session, table: ReplicatedTable): Promise<void> {
  const { where } = table.selection;
  if (where === null) return;
  const id = tableId(table.schema.table);
  const fault = whereFault(where);
  if (fault !== null) throw new PenstockError('PS1001', `where of ${id}: ${fault}`, { table: id });
  try {
    await session.rows(`EXPLAIN SELECT 1 FROM ${qualified(table.schema.table)} WHERE ${conditionSql(where)}`);
  } catch (error) {
    const number = serverErrorNumber(error);
    if (number === null || !FAULTS.has(number) || !(error instanceof Error)) throw error;
    throw new PenstockError('PS1001', `where of ${id}: ${error.message}`, { table: id });
  }
}
