import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { driverCode } from './errors.ts';
import { conditionFault, conditionSql } from '../condition.ts';
import type { Session } from './connection.ts';
import type { ReplicatedTable } from './describe.ts';
import { qualified } from './sql.ts';

/**
 * Quoted text, quoted names, dollar quotes and comments: their content is no part of the condition's structure. What begins in the middle
 * of a name (`date'…'`, `a$b$`) is none of them, and a comment ends at either end of a line.
 */
export const OPAQUE =
  /(?<![\w$\u0080-\uffff])[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$\u0080-\uffff])\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$|--[^\r\n]*|\/\*[\s\S]*?\*\//g;

/** @throws PenstockError PS1001 when the server cannot plan the condition */
export async function requireCondition(session: Session, table: ReplicatedTable): Promise<void> {
  const { where } = table.selection;
  if (where === null) return;
  const id = tableId(table.schema.table);
  const fault = conditionFault(where, OPAQUE);
  if (fault !== null) throw new PenstockError('PS1001', `where of ${id}: ${fault}`, { table: id });
  try {
    // A statement with a parameter is parsed as one alone: a second one, however well hidden, is refused by the server itself.
    const sql = `EXPLAIN SELECT 1 FROM ${qualified(table.schema.table)} WHERE ${conditionSql(where)} AND $1::text IS NOT NULL`;
    await session.rows(sql, ['']);
  } catch (error) {
    const code = driverCode(error);
    if (code === null || !/^(42|22)/.test(code) || code === '42501') throw error;
    const said = code.startsWith('42') && error instanceof Error ? error.message : `SQLSTATE ${code}`;
    throw new PenstockError('PS1001', `where of ${id}: ${said}`, { table: id });
  }
}
