import { describeType, isWidening, sameType } from '../changes/column-type.ts';
import type { Column, TableSchema } from '../changes/table-schema.ts';
import type { StructureChange } from '../destinations/destination.ts';

/** What it takes to load rows of one structure into a table of another. */
export type StructurePlan =
  | { readonly tag: 'same' }
  /** Applied by itself: no row loses anything. */
  | { readonly tag: 'safe'; readonly changes: readonly StructureChange[] }
  /** Stops the table; `reason` names the columns. */
  | { readonly tag: 'unsafe'; readonly reason: string };

/** Pure: from the structure that the destination table has to the one that the rows have. */
export function planStructure(has: TableSchema, rows: TableSchema): StructurePlan {
  if (has.fingerprint === rows.fingerprint) return { tag: 'same' };
  if (JSON.stringify(has.identity) !== JSON.stringify(rows.identity)) {
    return { tag: 'unsafe', reason: `the key changed from ${keyText(has)} to ${keyText(rows)}` };
  }
  const reasons: string[] = [];
  const changes: StructureChange[] = [];
  for (const column of has.columns) {
    const now = rows.columns.find((candidate) => candidate.name === column.name);
    if (now === undefined) reasons.push(`column ${column.name} was dropped or renamed`);
    else if (isAnother(column, now)) reasons.push(`column ${column.name} was dropped and another one took its name`);
    else if (!sameType(column.type, now.type)) compareTypes(column, now, changes, reasons);
  }
  for (const column of rows.columns) {
    if (has.columns.some((candidate) => candidate.name === column.name)) continue;
    if (rows.identity.tag === 'row') reasons.push(`column ${column.name} was added to a table without a key`);
    else if (column.backfillUnknown === true) {
      reasons.push(`column ${column.name} was added, and the log does not hold the values that older rows have in it`);
    } else changes.push({ tag: 'add', column: column.name });
  }
  return reasons.length > 0 ? { tag: 'unsafe', reason: reasons.join('; ') } : { tag: 'safe', changes };
}

/** Same name, other column: rows that were not written since hold other values at the source than here. */
function isAnother(has: Column, now: Column): boolean {
  return has.sourceId !== undefined && now.sourceId !== undefined && has.sourceId !== now.sourceId;
}

function compareTypes(has: Column, now: Column, changes: StructureChange[], reasons: string[]): void {
  if (isWidening(has.type, now.type)) changes.push({ tag: 'widen', column: now.name });
  else reasons.push(`column ${now.name} changed from ${describeType(has.type)} to ${describeType(now.type)}`);
}

function keyText(schema: TableSchema): string {
  return schema.identity.tag === 'row' ? 'no key' : `(${schema.identity.columns.join(', ')})`;
}
