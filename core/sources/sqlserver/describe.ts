import { applyTypeChange, changedType, type TypeChange } from '../../changes/type-change.ts';
import { tableId } from '../../changes/table-name.ts';
import { tableSchema, type Column, type RowIdentity } from '../../changes/table-schema.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ReadColumn, ReadTable, ValueReading } from '../reading.ts';
import type { TableSelection } from '../source-connector.ts';
import { requireColumns, typeChangeOf } from '../table-choices.ts';
import type { SourceColumn, SourceTable } from './source-table.ts';
import type { OutputColumn, TypedColumn } from './statements/columns.ts';
import { keyPolicies, outputReading, readingOf, type ValuePolicies } from './types.ts';
import { isLarge } from './values/source-type.ts';
import { qualified } from './sql.ts';

/** A column as it is replicated, with how it is read. */
export interface ReplicatedColumn extends ReadColumn {
  readonly source: SourceColumn;
}

export interface ReplicatedTable extends ReadTable {
  readonly selection: TableSelection;
  readonly source: SourceTable;
  readonly columns: readonly ReplicatedColumn[];
}

/** What decides which columns there are and how they are read. */
export interface Reading {
  /** Where changes are read from; null: nowhere. */
  readonly changes: 'tracking' | 'capture' | null;
  readonly policies: ValuePolicies;
}

/** Output texts of defaults, by column name: what rows have that are older than the column. Absent: nobody knows. */
export type Backfills = ReadonlyMap<string, string | null>;

/**
 * Applies the user's choices to a table of the source.
 * @throws PenstockError PS1001, PS1006, PS2011
 */
export function replicatedTable(
  source: SourceTable,
  selection: TableSelection,
  reading: Reading,
  backfills: Backfills = new Map(),
): ReplicatedTable {
  // A change table holds NULL for every computed column.
  const present = source.columns.filter((column) => reading.changes !== 'capture' || !column.isComputed);
  const identity = identityOf(source, selection);
  requireColumns(
    selection,
    identity,
    present.map((column) => column.name),
  );
  const [fault] = changeFaults(source, selection, reading.changes);
  if (fault !== undefined) {
    throw new PenstockError('PS2011', fault.message, { remedy: fault.remedy, table: tableId(source.table) });
  }
  const columns = present.map((column) =>
    replicatedColumn(column, { source, selection, identity, policies: reading.policies, backfills }),
  );
  const schema = tableSchema({ table: source.table, columns: columns.map(({ column }) => column), identity });
  return { selection, source, schema, columns };
}

/** The chosen key, else the primary key, else the whole row. */
export function identityOf(source: SourceTable, selection: TableSelection): RowIdentity {
  if (selection.key !== null && selection.key.length > 0) return { tag: 'key', columns: selection.key };
  const columns = primaryKeyOf(source).map(({ name }) => name);
  return columns.length > 0 ? { tag: 'key', columns } : { tag: 'row' };
}

/** The columns of the primary key in its order; none without one. */
export function primaryKeyOf(source: SourceTable): SourceColumn[] {
  return source.columns
    .filter(({ placeInPrimaryKey }) => placeInPrimaryKey !== null)
    .sort((a, b) => (a.placeInPrimaryKey ?? 0) - (b.placeInPrimaryKey ?? 0));
}

/** Why changes of a table cannot be read, with what mends it. */
export interface ChangeFault {
  /** A short name for it, for scripts. */
  readonly about: 'primary_key' | 'key' | 'memory' | 'large_values' | 'key_values';
  readonly message: string;
  readonly remedy: string;
}

const INSTEAD = 'read the table with extract type fullExtracts';

/** All of them; none where the changed rows can be told. */
export function changeFaults(
  source: SourceTable,
  selection: TableSelection,
  changes: Reading['changes'],
): ChangeFault[] {
  if (changes === null) return [];
  const id = tableId(source.table);
  const faults: ChangeFault[] = [];
  if (source.isInMemory) {
    const message = `${id} is memory-optimized, and such tables are neither tracked nor captured`;
    faults.push({ about: 'memory', message, remedy: `Leave the table out, or ${INSTEAD}.` });
  }
  return [
    ...faults,
    ...(changes === 'tracking' ? trackingFaults(source, selection) : captureFaults(source, selection)),
  ];
}

/** Change tracking tells primary keys and nothing else. */
function trackingFaults(source: SourceTable, selection: TableSelection): ChangeFault[] {
  const id = tableId(source.table);
  const primary = primaryKeyOf(source);
  const addKey = `ALTER TABLE ${qualified(source.table)} ADD CONSTRAINT … PRIMARY KEY (…)`;
  if (primary.length === 0) {
    const message = `${id} has no primary key, without which change tracking cannot tell its rows`;
    return [{ about: 'primary_key', message, remedy: `${addKey}; or ${INSTEAD}.` }];
  }
  const chosen = selection.key ?? [];
  const isPrimary = chosen.length === primary.length && primary.every(({ name }) => chosen.includes(name));
  if (chosen.length === 0 || isPrimary) return [];
  const message = `${id}: change tracking tells deleted rows by the primary key, not by the chosen key`;
  return [{ about: 'key', message, remedy: `Choose no key for the table; or extract type cdc; or ${INSTEAD}.` }];
}

/** Old images lack large values that did not change. */
function captureFaults(source: SourceTable, selection: TableSelection): ChangeFault[] {
  const id = tableId(source.table);
  const identity = identityOf(source, selection);
  const isIdentity = (name: string) => identity.tag === 'row' || identity.columns.includes(name);
  const large = source.columns.filter(
    ({ name, type, isComputed }) => !isComputed && isLarge(type) && isIdentity(name) && !selection.mask.includes(name),
  );
  return large.slice(0, 1).map(({ name, declared }) => ({
    about: 'large_values',
    message: `${id} has ${identity.tag === 'row' ? 'no key' : 'a key'} with column ${name} of type ${declared}, which old images of change data capture do not hold`,
    remedy: `Give the table a primary key, or choose key columns of other types; mask the column; or ${INSTEAD}.`,
  }));
}

interface ColumnContext {
  readonly source: SourceTable;
  readonly selection: TableSelection;
  readonly identity: RowIdentity;
  readonly policies: ValuePolicies;
  readonly backfills: Backfills;
}

function replicatedColumn(source: SourceColumn, context: ColumnContext): ReplicatedColumn {
  const { selection, identity, policies, backfills } = context;
  const isMasked = selection.mask.includes(source.name);
  const inKey = identity.tag === 'key' && identity.columns.includes(source.name);
  const change = isMasked ? null : typeChangeOf(source.name, selection, tableId(selection.table));
  const declared = readingOf(source.type, inKey ? keyPolicies(policies) : policies);
  const reading = change === null ? declared : outputReading(declared);
  const column = {
    name: source.name,
    sourceId: sourceIdOf(context.source, source),
    type: isMasked
      ? ({ tag: 'text', maxCharacters: 1 } as const)
      : change === null
        ? reading.type
        : changedType(change),
    nullable:
      !inKey && (isMasked || source.nullable || (policies.zeroLengthStrings === 'null' && reading.type.tag === 'text')),
    sourceType: source.declared,
    ...(isMasked ? { backfill: null } : backfillOf(source, reading, change, backfills)),
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

const COLUMN_DIGITS = 5;

/**
 * A number of the column that no other one of the database ever has, as long as values keep their texts under it: a padded type that
 * gets another length has all its values written anew, of which no change is told, and so counts as another column.
 */
export function sourceIdOf({ objectId }: Pick<SourceTable, 'objectId'>, { columnId, type }: SourceColumn): string {
  const padded = type.tag === 'char' ? type.characters : type.tag === 'binary' ? type.bytes : 0;
  return `${objectId}${columnId.toString().padStart(COLUMN_DIGITS, '0')}${padded.toString().padStart(COLUMN_DIGITS, '0')}`;
}

function backfillOf(
  source: SourceColumn,
  reading: ValueReading,
  change: TypeChange | null,
  backfills: Backfills,
): Pick<Column, 'backfill' | 'backfillUnknown'> {
  const output = backfills.get(source.name);
  if (output === null) return { backfill: null };
  if (output === undefined) return { backfill: null, backfillUnknown: true };
  if (reading.misfit !== null && reading.misfit(output) !== null) return { backfill: null, backfillUnknown: true };
  if (change === null) return { backfill: reading.decode === null ? output : reading.decode(output) };
  const changed = applyTypeChange(change, output);
  return changed.tag === 'value' ? { backfill: changed.text } : { backfill: null, backfillUnknown: true };
}

/** The column as statements name it. */
export function typedColumn({ name, type }: SourceColumn): TypedColumn {
  return { name, type };
}

/** The columns of a SELECT, in the schema's order. */
export function outputsOf(table: ReplicatedTable): OutputColumn[] {
  return table.columns.map(({ isMasked, source }) => (isMasked ? null : typedColumn(source)));
}
