import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { driverCode } from './errors.ts';
import type { Session } from './connection.ts';
import type { ReplicatedTable } from './describe.ts';
import { qualified } from './sql.ts';

/** Quoted text, quoted names, dollar quotes and comments: their content is no part of the condition's structure. */
const OPAQUE =
  /[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** Why a text cannot stand in parentheses after WHERE; null where it can, as far as its outer form tells. */
export function conditionFault(where: string): string | null {
  const bare = where.replace(OPAQUE, ' ');
  if (bare.trim() === '') return 'it is empty';
  if (/['"]/.test(bare)) return 'a quote is not closed';
  if (/\/\*|\*\//.test(bare)) return 'a comment is not closed';
  if (bare.includes(';')) return 'it holds a semicolon';
  let depth = 0;
  for (const character of bare) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth < 0) return 'it closes a parenthesis that it did not open';
  }
  return depth === 0 ? null : 'a parenthesis is not closed';
}

/** The condition as it stands in a statement; a comment at its end cannot swallow the parenthesis. */
export function conditionSql(where: string): string {
  return `(${where}\n)`;
}

/** @throws PenstockError PS1001 when the server cannot plan the condition */
export async function requireCondition(session: Session, table: ReplicatedTable): Promise<void> {
  const { where } = table.selection;
  if (where === null) return;
  const id = tableId(table.schema.table);
  const fault = conditionFault(where);
  if (fault !== null) throw new PenstockError('PS1001', `where of ${id}: ${fault}`, { table: id });
  try {
    await session.rows(`EXPLAIN SELECT 1 FROM ${qualified(table.schema.table)} WHERE ${conditionSql(where)}`);
  } catch (error) {
    const code = driverCode(error);
    if (code === null || !/^(42|22)/.test(code) || code === '42501') throw error;
    const said = code.startsWith('42') && error instanceof Error ? error.message : `SQLSTATE ${code}`;
    throw new PenstockError('PS1001', `where of ${id}: ${said}`, { table: id });
  }
}
