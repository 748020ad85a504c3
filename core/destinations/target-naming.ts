import { createHash } from 'node:crypto';
import type { TableSchema } from '../changes/table-schema.ts';
import { tableId, type TableName } from '../changes/table-name.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { RESERVED_COLUMN } from '../extracts/row-encoding.ts';
import type { DestinationSettings, HistorySettings, SourceSettings, TableSettings } from '../pipeline/settings.ts';
import type { Keeping, TargetColumn, TargetTable } from './target-table.ts';

/** What decides on names at the destination, the same for all tables. */
export interface NamingSettings {
  readonly destination: Pick<
    DestinationSettings,
    'database' | 'addDatabasePrefix' | 'schemaForAllTables' | 'ignoreDatabaseNameInSchema' | 'schemaForStagingTables'
  >;
  readonly history: HistorySettings;
  /** `specific.database` is the database that is read; none where a table's schema is its database (MySQL). */
  readonly source: Pick<SourceSettings, 'specific'>;
}

/** SingleStore and MySQL end at 64 characters; one less is safe on both. */
const LONGEST_NAME = 63;
const HASH_DIGITS = 8;

/** The tables that a target needs besides itself, by what they are for. */
export interface WorkingTables {
  /** Rows of an extract on their way into the target; in the staging database. */
  readonly staging: string;
  /** A copy that is being made. */
  readonly copy: string;
  /** A copy of a table without a key, before its rows are numbered. */
  readonly raw: string;
  /** The table that a copy replaces, until it is dropped. */
  readonly old: string;
  /** What a replay has collected; in the staging database. */
  readonly replay: string;
}

export function workingTables(name: string): WorkingTables {
  return {
    staging: derivedName(name, '__staging'),
    copy: derivedName(name, '__copy'),
    raw: derivedName(name, '__raw'),
    old: derivedName(name, '__old'),
    replay: derivedName(name, '__replay'),
  };
}

/** Tables of Penstock's own in the configured database. */
export const OWN_TABLES = {
  ledger: 'penstock_ledger',
  chunks: 'penstock_copy_chunks',
  quarantine: 'penstock_quarantine',
} as const;

/**
 * Where a table lands and what its columns are.
 *
 * | setting | effect |
 * |---|---|
 * | none | the configured database, the table's own name |
 * | addDatabasePrefix | the name becomes `<source database>_<source schema>_<table>` |
 * | ignoreDatabaseNameInSchema | with it, the prefix is the source schema alone: `<source schema>_<table>` |
 * | schemaForAllTables | all tables land in this database instead |
 * | schemaForStagingTables | staging tables stand in this database; otherwise beside their targets |
 *
 * A name that becomes longer than 63 characters ends with a hash of the whole.
 * @throws PenstockError PS1001 for a column that cannot stand at the destination, with the table set
 */
export function targetOf(
  naming: NamingSettings,
  table: Pick<TableSettings, 'transfer'>,
  schema: TableSchema,
): TargetTable {
  const keeping = keepingOf(table.transfer, naming.history);
  refuseColumns(schema, keeping);
  if (keeping.tag === 'history' && schema.identity.tag === 'row') {
    const id = tableId(schema.table);
    throw new PenstockError('PS1001', `${id} is kept with history but has no key`, {
      table: id,
      remedy: `Choose key columns for ${id} (key: […]) or transfer it as a mirror.`,
    });
  }
  const key = schema.identity.tag === 'key' ? schema.identity.columns : [];
  return {
    ...targetPlace(naming, schema.table),
    schema,
    columns: schema.columns.map((column): TargetColumn => ({
      name: column.name,
      type: column.type,
      inKey: key.includes(column.name),
      nullable: !key.includes(column.name),
      backfill: column.backfill,
    })),
    keeping,
  };
}

/** Where a table lands: known before any schema is read. */
export interface TargetPlace extends Pick<TargetTable, 'database' | 'name' | 'stagingDatabase'> {
  readonly schema: Pick<TableSchema, 'table'>;
}

export function targetPlace(naming: NamingSettings, table: TableName): TargetPlace {
  const { destination } = naming;
  const database = destination.schemaForAllTables ?? destination.database;
  const stagingDatabase = destination.schemaForStagingTables ?? database;
  return { schema: { table }, database, name: targetName(naming, table), stagingDatabase };
}

/** The name at the destination. */
export function targetName(naming: NamingSettings, table: TableName): string {
  const { addDatabasePrefix, ignoreDatabaseNameInSchema } = naming.destination;
  if (!addDatabasePrefix) return derivedName(table.name, '');
  const database = sourceDatabase(naming.source.specific);
  const prefix = ignoreDatabaseNameInSchema || database === null || database === table.schema ? '' : `${database}_`;
  return derivedName(`${prefix}${table.schema}_${table.name}`, '');
}

function sourceDatabase(specific: unknown): string | null {
  if (typeof specific !== 'object' || specific === null || !('database' in specific)) return null;
  return typeof specific.database === 'string' ? specific.database : null;
}

/**
 * Refuses two tables that would be one at the destination, working tables and Penstock's own included.
 * @throws PenstockError PS1003 that names both
 */
export function refuseCollisions(targets: readonly TargetPlace[]): void {
  const owners = new Map<string, string>();
  const claim = (database: string, name: string, owner: string): void => {
    const place = JSON.stringify([database, name]);
    const other = owners.get(place);
    if (other !== undefined) {
      throw new PenstockError('PS1003', `${other} and ${owner} would both be ${database}.${name} at the destination`);
    }
    owners.set(place, owner);
  };
  for (const target of targets) {
    const id = tableId(target.schema.table);
    const working = workingTables(target.name);
    claim(target.database, target.name, id);
    claim(target.stagingDatabase, working.staging, `the staging table of ${id}`);
    claim(target.database, working.copy, `the copy of ${id}`);
    claim(target.database, working.raw, `the raw copy of ${id}`);
    claim(target.database, working.old, `the replaced table of ${id}`);
    claim(target.stagingDatabase, working.replay, `the replay of ${id}`);
    if (Object.values<string>(OWN_TABLES).includes(target.name)) {
      throw new PenstockError(
        'PS1003',
        `${id} would be ${target.name} at the destination, which is Penstock's own table`,
      );
    }
  }
}

function derivedName(name: string, suffix: string): string {
  if (name.length + suffix.length <= LONGEST_NAME) return name + suffix;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS);
  const room = LONGEST_NAME - suffix.length - HASH_DIGITS - 1;
  // A character outside the basic plane must not be cut in half.
  return `${name.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')}_${hash}${suffix}`;
}

function keepingOf(transfer: TableSettings['transfer'], history: HistorySettings): Keeping {
  if (transfer === 'mirror') return { tag: 'mirror' };
  return {
    tag: 'history',
    startColumn: history.startColumn,
    endColumn: history.endColumn,
    openEnd: `${history.openEndDate} 00:00:00.000000`,
  };
}

/** Column names are told apart without regard to case at the destination. */
function refuseColumns(schema: TableSchema, keeping: Keeping): void {
  const table = tableId(schema.table);
  const refuse = (column: string, why: string): never => {
    throw new PenstockError('PS1001', `column ${column} of ${table} ${why}`, {
      table,
      remedy: 'Rename the column at the source, or leave the table out; a history column can be renamed in `history`.',
    });
  };
  const seen = new Map<string, string>();
  if (keeping.tag === 'history') {
    for (const name of [keeping.startColumn, keeping.endColumn]) seen.set(name.toLowerCase(), 'the history');
  }
  for (const { name } of schema.columns) {
    const folded = name.toLowerCase();
    if (RESERVED_COLUMN.test(folded)) refuse(name, 'has a name that Penstock needs for itself');
    if (name.length > LONGEST_NAME) refuse(name, `has a name of more than ${LONGEST_NAME} characters`);
    if (name.endsWith(' ')) refuse(name, 'has a name that ends with a space, which the destination refuses');
    const other = seen.get(folded);
    if (other !== undefined) refuse(name, `has the name of a column of ${other}, but for upper and lower case`);
    seen.set(folded, table);
  }
}
