import { driverCode } from './errors.ts';
import { conditionFault, conditionSql } from '../condition.ts';
import { requireConditionOf } from '../require-condition.ts';
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
export function requireCondition(session: Session, { selection, schema }: ReplicatedTable): Promise<void> {
  return requireConditionOf(selection, {
    fault: (where) => conditionFault(where, OPAQUE),
    // A statement with a parameter is parsed as one alone: a second one, however well hidden, is refused by the server itself.
    plan: (where) =>
      session.rows(
        `EXPLAIN SELECT 1 FROM ${qualified(schema.table)} WHERE ${conditionSql(where)} AND $1::text IS NOT NULL`,
        [''],
      ),
    refusal,
  });
}

function refusal(error: unknown): string | null {
  const code = driverCode(error);
  if (code === null || !/^(42|22)/.test(code) || code === '42501') return null;
  return code.startsWith('42') && error instanceof Error ? error.message : `SQLSTATE ${code}`;
}
