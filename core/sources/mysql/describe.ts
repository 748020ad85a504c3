import { applyTypeChange, changedType, type TypeChange } from '../../changes/type-change.ts';
import { tableId } from '../../changes/table-name.ts';
import { tableSchema, type Column, type RowIdentity } from '../../changes/table-schema.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ReadColumn, ReadTable } from '../reading.ts';
import type { TableSelection } from '../source-connector.ts';
import { requireColumns, typeChangeOf } from '../table-choices.ts';
import { isDecodable } from './character-sets.ts';
import type { SourceColumn, SourceTable } from './source-table.ts';
import { sourceIdOf } from './source-type.ts';
import {
  KEY_POLICIES,
  outputReading,
  readingOf,
  withoutZerofill,
  type TypeReading,
  type ValuePolicies,
} from './types.ts';

/** A column as it is replicated, with how it is read. */
export interface ReplicatedColumn extends ReadColumn {
  readonly source: SourceColumn;
  readonly reading: TypeReading;
}

export interface ReplicatedTable extends ReadTable {
  readonly selection: TableSelection;
  readonly source: SourceTable;
  readonly columns: readonly ReplicatedColumn[];
}

/** What decides which columns there are and how they are read: how the source is read, and the user's choices about values. */
export interface Reading {
  readonly fromLog: boolean;
  /** MySQL's log does not hold virtual generated columns for sure; MariaDB's does. */
  readonly virtualColumns: boolean;
  readonly policies: ValuePolicies;
}

/**
 * Applies the user's choices to a table of the source.
 * @throws PenstockError PS1001, PS1006, PS2011
 */
export function replicatedTable(source: SourceTable, selection: TableSelection, reading: Reading): ReplicatedTable {
  const present = source.columns.filter((column) => column.generated !== 'virtual' || reading.virtualColumns);
  const identity = identityOf(source, selection);
  requireColumns(
    selection,
    identity,
    present.map((column) => column.name),
  );
  const fault = reading.fromLog ? logFault(source, selection) : null;
  if (fault !== null) {
    throw new PenstockError('PS2011', fault.message, { remedy: fault.remedy, table: tableId(source.table) });
  }
  const columns = present.map((column) => replicatedColumn(column, selection, identity, reading.policies));
  const schema = tableSchema({ table: source.table, columns: columns.map(({ column }) => column), identity });
  return { selection, source, schema, columns };
}

/** The chosen key, else the primary key, else the whole row. */
export function identityOf(source: SourceTable, selection: TableSelection): RowIdentity {
  if (selection.key !== null && selection.key.length > 0) return { tag: 'key', columns: selection.key };
  const columns = source.columns
    .filter((column) => column.placeInPrimaryKey !== null)
    .sort((a, b) => (a.placeInPrimaryKey ?? 0) - (b.placeInPrimaryKey ?? 0))
    .map((column) => column.name);
  return columns.length > 0 ? { tag: 'key', columns } : { tag: 'row' };
}

/** Why a table's values or rows cannot be read from the log, with what mends it; null where they can. */
export function logFault(
  source: SourceTable,
  selection: TableSelection,
): { readonly message: string; readonly remedy: string } | null {
  const id = tableId(source.table);
  if (source.isVersioned) {
    return {
      message: `${id} is system-versioned: the server writes rows of its history by itself`,
      remedy: 'Leave the table out, or read it with extract type fullExtracts.',
    };
  }
  for (const { name, type } of source.columns) {
    if (selection.mask.includes(name)) continue;
    if (type.tag === 'unknown') {
      return {
        message: `${id}: the log's form of type ${type.declared}, column ${name}, is not known`,
        remedy: `Mask the column, or read the table with extract type fullExtracts.`,
      };
    }
    if ('charset' in type && !isDecodable(type.charset)) {
      return {
        message: `${id}: texts of character set ${type.charset}, column ${name}, cannot be read from the log`,
        remedy: `ALTER TABLE … MODIFY ${name} … CHARACTER SET utf8mb4; or mask the column.`,
      };
    }
  }
  return null;
}

function replicatedColumn(
  source: SourceColumn,
  selection: TableSelection,
  identity: RowIdentity,
  chosen: ValuePolicies,
): ReplicatedColumn {
  const isMasked = selection.mask.includes(source.name);
  const inKey = identity.tag === 'key' && identity.columns.includes(source.name);
  const policies = inKey ? KEY_POLICIES : chosen;
  const change = isMasked ? null : typeChangeOf(source.name, selection, tableId(selection.table));
  const declared = readingOf(source.type, policies);
  const unpadded = / zerofill/.test(source.declared) ? withoutZerofill(declared) : declared;
  const reading = change === null ? unpadded : outputReading(unpadded);
  const column = {
    name: source.name,
    sourceId: sourceIdOf(source.type),
    type: isMasked
      ? ({ tag: 'text', maxCharacters: 1 } as const)
      : change === null
        ? reading.type
        : changedType(change),
    nullable: !inKey && (isMasked || source.nullable || becomesNull(reading)),
    sourceType: source.declared,
    ...(isMasked ? { backfill: null } : backfillOf(source, reading, change)),
  };
  return {
    column,
    source,
    isMasked,
    reading,
    change: change?.tag === 'text' ? null : change,
    mustBeSet: inKey && source.nullable,
  };
}

/** Whether a value of a column that is NOT NULL at the source may become NULL by the user's choice. */
function becomesNull(reading: TypeReading): boolean {
  return reading.decode !== null;
}

function backfillOf(
  source: SourceColumn,
  reading: TypeReading,
  change: TypeChange | null,
): Pick<Column, 'backfill' | 'backfillUnknown'> {
  if (source.default.tag === 'null') return { backfill: null };
  if (source.default.tag === 'unknown' || source.generated !== 'no') return { backfill: null, backfillUnknown: true };
  const { output } = source.default;
  if (reading.misfit !== null && reading.misfit(output) !== null) return { backfill: null, backfillUnknown: true };
  if (change === null) return { backfill: reading.decode === null ? output : reading.decode(output) };
  const changed = applyTypeChange(change, output);
  return changed.tag === 'value' ? { backfill: changed.text } : { backfill: null, backfillUnknown: true };
}
