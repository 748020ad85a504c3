import { applyTypeChange, changedType, type TypeChange } from '../../changes/type-change.ts';
import { tableId } from '../../changes/table-name.ts';
import { tableSchema, type Column, type RowIdentity } from '../../changes/table-schema.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ReadColumn, ReadTable, ValueReading } from '../reading.ts';
import type { TableSelection } from '../source-connector.ts';
import { requireColumns, typeChangeOf } from '../table-choices.ts';
import { isExtended, type SourceColumn, type SourceTable } from './source-table.ts';
import { qualified } from './sql.ts';
import type { OutputColumn, TypedColumn } from './statements/columns.ts';
import { keyPolicies, outputReading, readingOf, type ValuePolicies } from './types.ts';
import { isToldByRedo, type SourceType } from './values/source-type.ts';

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
  /** Whether changes come from the redo logs, which hold nothing of virtual columns. */
  readonly fromLogs: boolean;
  readonly policies: ValuePolicies;
}

/**
 * Applies the user's choices to a table of the source.
 * @throws PenstockError PS1001, PS1006, PS2011
 */
export function replicatedTable(source: SourceTable, selection: TableSelection, reading: Reading): ReplicatedTable {
  const present = source.columns.filter(({ isVirtual }) => !reading.fromLogs || !isVirtual);
  const identity = identityOf(source, selection);
  requireColumns(
    selection,
    identity,
    present.map((column) => column.name),
  );
  requireReadable(source, selection, present);
  const [fault] = changeFaults(source, selection, reading);
  if (fault !== undefined) {
    throw new PenstockError('PS2011', fault.message, { remedy: fault.remedy, table: tableId(source.table) });
  }
  const columns = present.map((column) =>
    replicatedColumn(column, { source, selection, identity, policies: reading.policies }),
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

/** Columns that hold what no destination has: a pointer to a file, an object, a collection. @throws PenstockError PS1001 */
function requireReadable({ table }: SourceTable, { mask }: TableSelection, columns: readonly SourceColumn[]): void {
  const unread = columns.find(({ name, type }) => type.tag === 'unsupported' && !mask.includes(name));
  if (unread === undefined) return;
  const id = tableId(table);
  throw new PenstockError('PS1001', `${id}: column ${unread.name} of type ${unread.declared} cannot be replicated`, {
    table: id,
    remedy: `Mask the column: add ${unread.name} to the table's \`mask\`.`,
  });
}

/** Why changes of a table cannot be read, with what mends it. */
export interface ChangeFault {
  /** A short name for it, for scripts. */
  readonly about: 'temporary' | 'external' | 'nested' | 'unread_type' | 'large_values';
  readonly message: string;
  readonly remedy: string;
}

const INSTEAD = 'read the table with extract type fullExtracts';

/** All of them; none where the changed rows can be told. */
export function changeFaults(source: SourceTable, selection: TableSelection, { fromLogs }: Reading): ChangeFault[] {
  const id = tableId(source.table);
  const faults: ChangeFault[] = [];
  if (source.isNested) {
    const message = `${id} is a nested table, a part of another one`;
    faults.push({ about: 'nested', message, remedy: 'Leave the table out.' });
  }
  if (!fromLogs) return faults;
  if (source.isTemporary) {
    const message = `${id} is temporary: its rows are those of one session, and are not logged`;
    faults.push({ about: 'temporary', message, remedy: 'Leave the table out.' });
  }
  if (source.isExternal) {
    const message = `${id} is external: its rows are in files, whose changes are not logged`;
    faults.push({ about: 'external', message, remedy: `Leave the table out, or ${INSTEAD}.` });
  }
  return [...faults, ...unreadTypeFaults(source), ...largeValueFaults(source, selection)];
}

/** LogMiner passes over a whole table with a column of such a type (Utilities, "Unsupported Data Types and Table Storage Attributes"): masking it helps nothing. */
const PASSED_OVER: ReadonlySet<string> = new Set(['BFILE']);

function unreadTypeFaults({ table, columns }: SourceTable): ChangeFault[] {
  const id = tableId(table);
  const unread = columns.filter(({ type }) => type.tag === 'unsupported' && PASSED_OVER.has(type.name));
  return unread.slice(0, 1).map(({ name, declared }) => ({
    about: 'unread_type',
    message: `${id} has column ${name} of type ${declared}: LogMiner does not tell changes of tables with such a column`,
    remedy: `Keep the column in a table of its own; or ${INSTEAD}.`,
  }));
}

/** Redo holds no old values of large objects, and binary floats only rounded. */
function largeValueFaults(source: SourceTable, selection: TableSelection): ChangeFault[] {
  const id = tableId(source.table);
  const identity = identityOf(source, selection);
  const isIdentity = (name: string) => identity.tag === 'row' || identity.columns.includes(name);
  const large = source.columns.filter(
    (column) =>
      !column.isVirtual &&
      (!isToldByRedo(column.type) || isExtended(column)) &&
      isIdentity(column.name) &&
      !selection.mask.includes(column.name),
  );
  return large.slice(0, 1).map(({ name, declared }) => ({
    about: 'large_values',
    message: `${id} has ${identity.tag === 'row' ? 'no key' : 'a key'} with column ${name} of type ${declared}, whose old values the logs do not hold exactly`,
    remedy: `ALTER TABLE ${qualified(source.table)} ADD PRIMARY KEY (…); or choose key columns of other types; or mask the column; or ${INSTEAD}.`,
  }));
}

interface ColumnContext {
  readonly source: SourceTable;
  readonly selection: TableSelection;
  readonly identity: RowIdentity;
  readonly policies: ValuePolicies;
}

function replicatedColumn(source: SourceColumn, context: ColumnContext): ReplicatedColumn {
  const { selection, identity, policies } = context;
  const isMasked = selection.mask.includes(source.name);
  const inKey = identity.tag === 'key' && identity.columns.includes(source.name);
  const change = isMasked ? null : typeChangeOf(source.name, selection, tableId(selection.table));
  const declared = readingOf(source.type, inKey ? keyPolicies(policies) : policies);
  const reading = change === null ? declared : outputReading(source.type, declared);
  const column = {
    name: source.name,
    sourceId: sourceIdOf(context.source, source),
    type: isMasked
      ? ({ tag: 'text', maxCharacters: 1 } as const)
      : change === null
        ? reading.type
        : changedType(change),
    nullable: !inKey && (isMasked || source.nullable),
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

/**
 * Oracle numbers its columns by their places, which others take when one is dropped: a column is told by its table's number and its name. A
 * padded type that gets another length has all its values padded anew, and so counts as another column.
 */
function sourceIdOf({ objectId }: SourceTable, { name, type }: SourceColumn): string {
  return type.tag === 'char' ? `${objectId}/${type.characters}/${name}` : `${objectId}/${name}`;
}

/** What rows have that are older than the column: the default that it was added with, where that is a constant. */
function backfillOf(
  source: SourceColumn,
  reading: ValueReading,
  change: TypeChange | null,
): Pick<Column, 'backfill' | 'backfillUnknown'> {
  const unknown = { backfill: null, backfillUnknown: true } as const;
  const { addedWith } = source;
  if (source.isVirtual) return unknown;
  // The catalog tells the default of now, which older rows need not have.
  if (addedWith === undefined) return source.default === null && source.nullable ? { backfill: null } : unknown;
  if (addedWith === null) return { backfill: null };
  const output = constantOf(source.type, addedWith);
  if (output === null || (reading.misfit !== null && reading.misfit(output) !== null)) return unknown;
  if (change === null) return { backfill: reading.decode === null ? output : reading.decode(output) };
  const changed = applyTypeChange(change, output);
  return changed.tag === 'value' ? { backfill: changed.text } : unknown;
}

/** The output text of a default that is a plain number, text or day, and needs no rounding; null where it is anything else. */
function constantOf(type: SourceType, written: string): string | null {
  if (type.tag === 'number') {
    const fraction = /^[+-]?(?:\d+\.?(\d*)|\.(\d+))$/.exec(written);
    if (fraction === null || (type.scale !== null && type.scale < 0)) return null;
    const digits = (fraction[1] ?? fraction[2] ?? '').replace(/0+$/, '').length;
    return digits > (type.scale ?? digits) ? null : written.replace(/^\+/, '');
  }
  if (type.tag === 'date') {
    const day = /^DATE '(\d{4}-\d\d-\d\d)'$/.exec(written)?.[1];
    return day === undefined ? null : `${day} 00:00:00`;
  }
  if (type.tag !== 'varchar') return null;
  const text = /^'((?:[^']|'')*)'$/.exec(written)?.[1];
  return text === undefined || text === '' ? null : text.replaceAll("''", "'");
}

/** The column as statements name it. */
export function typedColumn({ name, type }: SourceColumn): TypedColumn {
  return { name, type };
}

/** The columns of a SELECT, in the schema's order. */
export function outputsOf(table: ReplicatedTable): OutputColumn[] {
  return table.columns.map(({ isMasked, source }) => (isMasked ? null : typedColumn(source)));
}
