import { PenstockError } from '../../errors/penstock-error.ts';
import { applyTypeChange, changedType, type TypeChange } from '../../changes/type-change.ts';
import { tableId } from '../../changes/table-name.ts';
import { tableSchema, type Column, type RowIdentity } from '../../changes/table-schema.ts';
import type { ReadColumn, ReadTable } from '../reading.ts';
import type { TableSelection } from '../source-connector.ts';
import { requireColumns, typeChangeOf } from '../table-choices.ts';
import { qualified } from './sql.ts';
import type { Session } from './connection.ts';
import { readSourceTables, type SourceColumn, type SourceTable } from './source-table.ts';
import { outputReading, readingOf, type TypeReading } from './types.ts';

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

/** What decides which columns there are: how the source is read, and whether its log holds stored generated columns. */
export interface Reading {
  readonly fromLog: boolean;
  readonly generatedColumns: boolean;
}

/**
 * Applies the user's choices to a table of the source.
 * @throws PenstockError PS1001, PS1006, PS2011
 */
export function replicatedTable(source: SourceTable, selection: TableSelection, reading: Reading): ReplicatedTable {
  const present = source.columns.filter(
    (column) => column.generated === 'no' || (column.generated === 'stored' && reading.generatedColumns),
  );
  const identity = identityOf(source, selection);
  requireColumns(
    selection,
    identity,
    present.map((column) => column.name),
  );
  if (reading.fromLog) requireReplicaIdentity(source, identity);
  const columns = present.map((column) => replicatedColumn(column, selection, identity, tableId(source.table)));
  const schema = tableSchema({ table: source.table, columns: columns.map(({ column }) => column), identity });
  return { selection, source, schema, columns };
}

/** How tables are read that no log is read of. */
export const COPY_READING: Reading = { fromLog: false, generatedColumns: true };

/** Tables as they are now, in the order asked for. @throws PenstockError PS1001, PS1005, PS1006, PS2011 */
export async function describeTables(
  session: Session,
  tables: readonly TableSelection[],
  reading: Reading,
): Promise<ReplicatedTable[]> {
  const sources = await readSourceTables(
    session,
    tables.map(({ table }) => table),
  );
  return sources.flatMap((source, index) => {
    const selection = tables[index];
    return selection === undefined ? [] : [replicatedTable(source, selection, reading)];
  });
}

/** The chosen key, else the primary key, else the columns of the replica identity's index, else the whole row. */
export function identityOf(source: SourceTable, selection: TableSelection): RowIdentity {
  if (selection.key !== null && selection.key.length > 0) return { tag: 'key', columns: selection.key };
  const primary = source.columns.filter((column) => column.inPrimaryKey);
  const replica = source.replicaIdentity === 'i' ? source.columns.filter((column) => column.inReplicaKey) : [];
  const columns = (primary.length > 0 ? primary : replica).map((column) => column.name);
  return columns.length > 0 ? { tag: 'key', columns } : { tag: 'row' };
}

/** Whether two rows may have one key until their statement or transaction ends: the server does not look at it row by row. */
export function isKeyLate({ immediateKeys }: SourceTable, identity: RowIdentity): boolean {
  if (identity.tag === 'row') return false;
  return immediateKeys?.some((key) => key.every((name) => identity.columns.includes(name))) !== true;
}

/** Why the log does not tell which row was changed, with the statement that mends it; null where it does. */
export function replicaIdentityFault(
  source: SourceTable,
  identity: RowIdentity,
): { readonly message: string; readonly remedy: string } | null {
  const id = tableId(source.table);
  const full = `ALTER TABLE ${qualified(source.table)} REPLICA IDENTITY FULL;`;
  if (source.replicaIdentity === 'f') return null;
  if (source.replicaIdentity === 'n') {
    return {
      message: `${id} has REPLICA IDENTITY NOTHING: publishing it would make its UPDATE and DELETE fail at the source`,
      remedy: identity.tag === 'row' ? full : `ALTER TABLE ${qualified(source.table)} REPLICA IDENTITY DEFAULT;`,
    };
  }
  if (identity.tag === 'row') {
    return { message: `${id} has no key and its log does not hold old rows`, remedy: full };
  }
  const uncovered = identity.columns.filter(
    (name) => source.columns.find((column) => column.name === name)?.inReplicaKey !== true,
  );
  if (uncovered.length === 0) {
    if (source.immediateKeys === null || !isKeyLate(source, identity)) return null;
    return {
      message: `${id}: two rows may have one key (${identity.columns.join(', ')}) until their transaction ends, and the log does not hold old rows to tell them apart`,
      remedy: full,
    };
  }
  return { message: `${id}: the log does not hold the old values of key column ${uncovered.join(', ')}`, remedy: full };
}

function requireReplicaIdentity(source: SourceTable, identity: RowIdentity): void {
  const fault = replicaIdentityFault(source, identity);
  if (fault !== null) {
    throw new PenstockError('PS2011', fault.message, { remedy: fault.remedy, table: tableId(source.table) });
  }
}

function replicatedColumn(
  source: SourceColumn,
  selection: TableSelection,
  identity: RowIdentity,
  table: string,
): ReplicatedColumn {
  const isMasked = selection.mask.includes(source.name);
  const inKey = identity.tag === 'key' && identity.columns.includes(source.name);
  const change = isMasked ? null : typeChangeOf(source.name, selection, table);
  const reading = change === null ? readingOf(source.baseOid, source.typmod, source.isEnum) : outputReading();
  const column = {
    name: source.name,
    ...(source.number === null ? {} : { sourceId: String(source.number) }),
    type: isMasked
      ? ({ tag: 'text', maxCharacters: 1 } as const)
      : change === null
        ? reading.type
        : changedType(change),
    nullable: !inKey && (isMasked || !source.notNull),
    sourceType: source.declared,
    ...(isMasked ? { backfill: null } : backfillOf(source, reading, change)),
  };
  return {
    column,
    source,
    isMasked,
    reading,
    change: change?.tag === 'text' ? null : change,
    mustBeSet: inKey && !source.notNull,
  };
}

/**
 * What rows have that are older than the column. Known for a constant default (`attmissingval`). A default that was computed per row,
 * or a table that was rewritten since, leaves no trace in the log: then it is unknown.
 */
function backfillOf(
  source: SourceColumn,
  reading: TypeReading,
  change: TypeChange | null,
): Pick<Column, 'backfill' | 'backfillUnknown'> {
  if (!source.hasMissing) {
    const computed = source.hasDefault || source.isIdentity || source.generated !== 'no' || source.notNull;
    return computed || source.mayBeFilled ? { backfill: null, backfillUnknown: true } : { backfill: null };
  }
  if (source.missing === null) return { backfill: null };
  const misfit = reading.misfit === null ? null : reading.misfit(source.missing);
  if (misfit !== null) return { backfill: null, backfillUnknown: true };
  if (change === null) return { backfill: reading.decode === null ? source.missing : reading.decode(source.missing) };
  const changed = applyTypeChange(change, source.missing);
  return changed.tag === 'value' ? { backfill: changed.text } : { backfill: null, backfillUnknown: true };
}
