import { SQL_MODE, type QueryEvent } from '../binlog/query-event.ts';
import type { Charsets } from '../values/charset.ts';
import { statementEffects, type StatementEffect } from './ddl.ts';
import { statementText } from './statement-text.ts';

/** What a logged statement does, and whether its session refused values that do not fit. */
export interface LoggedStatement {
  readonly effects: readonly StatementEffect[];
  readonly isStrict: boolean;
}

const BEGIN = Buffer.from('BEGIN');

export function readStatement(query: QueryEvent, charsets: Charsets): LoggedStatement {
  const mode = query.sqlMode ?? 0n;
  const isStrict = (mode & (SQL_MODE.strictTransactional | SQL_MODE.strictAll)) !== 0n;
  return { effects: effectsOf(query, mode, charsets), isStrict };
}

function effectsOf(query: QueryEvent, mode: bigint, charsets: Charsets): StatementEffect[] {
  // An alteration in two phases is done where its second statement stands.
  if (query.alterPhase !== null) return [];
  // MySQL's every transaction has one: it need not be looked at closely.
  if (query.text.equals(BEGIN)) return [{ tag: 'begin' }];
  const sql = statementText(query, charsets);
  if (sql === null) return [{ tag: 'unknown', names: null }];
  return statementEffects(sql, {
    schema: query.schema,
    ansiQuotes: (mode & SQL_MODE.ansiQuotes) !== 0n,
    noBackslashEscapes: (mode & SQL_MODE.noBackslashEscapes) !== 0n,
  });
}
