import type { Backfills } from '../describe.ts';
import type { SourceColumn, SourceTable } from '../source-table.ts';
import { oneRow, type Session } from './session.ts';

/** `((5))`, `((-1.50))`, `('text')`, `(N'text')`, with any number of parentheses. */
const NUMBER = /^\(*\s*([+-]?\d+(?:\.\d*)?)\s*\)*$/;
const TEXT = /^\(*\s*N?'((?:[^']|'')*)'\s*\)*$/;

/** The value that a default's definition writes down; null: it is computed, or not known to be a constant. */
export function constantOf(definition: string): string | null {
  const number = NUMBER.exec(definition)?.[1];
  if (number !== undefined) return number;
  const text = TEXT.exec(definition)?.[1];
  return text === undefined ? null : text.replaceAll("''", "'");
}

/**
 * What rows have in each column that are older than it: NULL where it may be NULL and has no default, a constant default where it may not be NULL.
 * Of a column that has a default and may be NULL nobody knows: it depends on whether WITH VALUES was said.
 */
export async function readBackfills(session: Session, table: SourceTable): Promise<Backfills> {
  const backfills = new Map<string, string | null>();
  for (const column of table.columns) {
    const output = await backfillOf(session, column);
    if (output !== undefined) backfills.set(column.name, output);
  }
  return backfills;
}

async function backfillOf(session: Session, column: SourceColumn): Promise<string | null | undefined> {
  if (column.isComputed) return undefined;
  if (column.default === null) return column.nullable ? null : undefined;
  if (column.nullable) return undefined;
  const constant = constantOf(column.default);
  if (constant === null) return undefined;
  const { name, type } = column;
  const [text] = await oneRow(session, { tag: 'defaultText', column: { name, type }, constant });
  return text ?? undefined;
}
