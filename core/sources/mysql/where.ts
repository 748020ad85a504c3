import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { conditionFault, conditionSql } from '../condition.ts';
import type { Session } from './connection.ts';
import type { ReplicatedTable } from './describe.ts';
import { serverErrorNumber } from './errors.ts';
import { qualified } from './sql.ts';

/** Quoted text, quoted names and comments: their content is no part of the condition's structure. */
export const OPAQUE =
  /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`(?:[^`]|``)*`|#[^\n]*|--(?=\s)[^\n]*|\/\*[\s\S]*?\*\//g;

/** Refusals that are about the condition: syntax, unknown names and functions, wrong arguments, ambiguity. */
const FAULTS = new Set([1052, 1054, 1064, 1111, 1305, 1582, 1584, 1630, 4161]);

/** @throws PenstockError PS1001 when the server cannot plan the condition */
export async function requireCondition(session: Session, table: ReplicatedTable): Promise<void> {
  const { where } = table.selection;
  if (where === null) return;
  const id = tableId(table.schema.table);
  const fault = conditionFault(where, OPAQUE);
  if (fault !== null) throw new PenstockError('PS1001', `where of ${id}: ${fault}`, { table: id });
  try {
    await session.rows(`EXPLAIN SELECT 1 FROM ${qualified(table.schema.table)} WHERE ${conditionSql(where)}`);
  } catch (error) {
    const number = serverErrorNumber(error);
    if (number === null || !FAULTS.has(number) || !(error instanceof Error)) throw error;
    throw new PenstockError('PS1001', `where of ${id}: ${error.message}`, { table: id });
  }
}
