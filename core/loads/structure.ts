import { describeType, isWidening, sameType } from '../changes/column-type.ts';
import { tableSchema, type Column, type TableSchema } from '../changes/table-schema.ts';
import type { StructureChange } from '../destinations/destination.ts';

/** A change that is one statement, and loses nothing whatever the rows are. */
export type SafeChange = Extract<StructureChange, { tag: 'add' | 'widen' }>;

/** What it takes to load rows of one structure into a table of another. */
export type StructurePlan =
  | { readonly tag: 'same' }
  /** Applied by itself: no row loses anything. */
  | { readonly tag: 'safe'; readonly changes: readonly SafeChange[] }
  /** Stops the table; `reason` names the columns. */
  | { readonly tag: 'unsafe'; readonly reason: string };

/** `structureSince` of a table that got a structure of which no extract had rows yet: all older ones may still come. */
export const AWAITED = Number.MAX_SAFE_INTEGER;

/**
 * Pure: from the structure that the destination table has to the one that the rows have. `kept`: columns that the destination still has
 * although the source dropped them.
 */
export function planStructure(has: TableSchema, rows: TableSchema, kept: readonly string[] = []): StructurePlan {
  if (has.fingerprint === rows.fingerprint) return { tag: 'same' };
  if (JSON.stringify(has.identity) !== JSON.stringify(rows.identity)) {
    return { tag: 'unsafe', reason: `the key changed from ${keyText(has)} to ${keyText(rows)}` };
  }
  const reasons: string[] = [];
  const changes: SafeChange[] = [];
  for (const column of has.columns) {
    const now = rows.columns.find((candidate) => candidate.name === column.name);
    if (now === undefined) reasons.push(`column ${column.name} was dropped or renamed`);
    else if (isAnother(column, now)) reasons.push(`column ${column.name} was dropped and another one took its name`);
    else if (!sameType(column.type, now.type)) compareTypes(column, now, changes, reasons);
  }
  for (const column of rows.columns) {
    if (has.columns.some((candidate) => candidate.name === column.name)) continue;
    if (rows.identity.tag === 'row') reasons.push(`column ${column.name} was added to a table without a key`);
    else if (isAmong(kept, column.name)) {
      reasons.push(`column ${column.name} was added, and the destination still has the one that was dropped`);
    } else if (column.backfillUnknown === true) {
      reasons.push(`column ${column.name} was added, and the log does not hold the values that older rows have in it`);
    } else changes.push({ tag: 'add', column: column.name });
  }
  return reasons.length > 0 ? { tag: 'unsafe', reason: reasons.join('; ') } : { tag: 'safe', changes };
}

/** Whether two structures are the same but for what loads do not depend on. */
export function isEquivalent(has: TableSchema, rows: TableSchema): boolean {
  const plan = planStructure(has, rows);
  return plan.tag === 'same' || (plan.tag === 'safe' && plan.changes.length === 0);
}

/** The rows' structure with the column ids that the table has: a log that is read late does not know those of columns that are gone by then. */
export function withSourceIds(rows: TableSchema, has: TableSchema): TableSchema {
  const columns = rows.columns.map((column) => {
    const sourceId = column.sourceId ?? has.columns.find(({ name }) => name === column.name)?.sourceId;
    return sourceId === undefined ? column : { ...column, sourceId };
  });
  return tableSchema({ table: rows.table, columns, identity: rows.identity });
}

/** Names of columns are told apart without regard to case at the destination. */
export function isAmong(names: readonly string[], name: string): boolean {
  return names.some((candidate) => candidate.toLowerCase() === name.toLowerCase());
}

/** Same name, other column: rows that were not written since hold other values at the source than here. */
export function isAnother(has: Column, now: Column): boolean {
  return has.sourceId !== undefined && now.sourceId !== undefined && has.sourceId !== now.sourceId;
}

function compareTypes(has: Column, now: Column, changes: SafeChange[], reasons: string[]): void {
  if (isWidening(has.type, now.type)) changes.push({ tag: 'widen', column: now.name });
  else reasons.push(`column ${now.name} changed from ${describeType(has.type)} to ${describeType(now.type)}`);
}

function keyText(schema: TableSchema): string {
  return schema.identity.tag === 'row' ? 'no key' : `(${schema.identity.columns.join(', ')})`;
}
