import { applyTypeChange, changedType, type TypeChange } from '../../changes/type-change.ts';
import { tableId } from '../../changes/table-name.ts';
import { tableSchema, type Column, type RowIdentity } from '../../changes/table-schema.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { ReadColumn, ReadTable } from '../reading.ts';
import type { TableSelection } from '../source-connector.ts';
import { requireColumns, typeChangeOf } from '../table-choices.ts';
import type { MysqlSettings } from './settings.ts';
import { isDecodable } from './values/character-sets.ts';
import type { SourceColumn, SourceTable } from './source-table.ts';
import { sourceIdOf } from './values/source-type.ts';
import { identifier, qualified } from './sql.ts';
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
  readonly policies: ValuePolicies & Pick<MysqlSettings, 'cascades'>;
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
  const [fault] = reading.fromLog ? logFaults(source, selection, reading.policies.cascades) : [];
  if (fault !== undefined) {
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

/** Why a table cannot be read from the log, with what mends it. */
export interface LogFault {
  /** A short name for it, for scripts. */
  readonly about: 'engine' | 'system_versioned' | 'foreign_key' | 'type' | 'character_set';
  readonly message: string;
  readonly remedy: string;
}

/** Engines whose row changes are all in the log. The rows of others are kept elsewhere, or vanish without an event. */
const LOGGED_ENGINES = new Set(['innodb', 'rocksdb', 'tokudb', 'myisam', 'aria', 'archive', 'csv']);
const INSTEAD = 'or read the table with extract type fullExtracts';

/** All of them; none where the table's rows and values can be read from the log. */
export function logFaults(
  source: SourceTable,
  selection: TableSelection,
  cascades: MysqlSettings['cascades'],
): LogFault[] {
  return [
    ...tableFaults(source),
    ...(cascades === 'refuse' ? cascadeFaults(source) : []),
    ...source.columns.flatMap((column) => {
      const fault = selection.mask.includes(column.name) ? null : columnFault(source, column);
      return fault === null ? [] : [fault];
    }),
  ];
}

function tableFaults(source: SourceTable): LogFault[] {
  const id = tableId(source.table);
  const faults: LogFault[] = [];
  if (source.engine !== null && !LOGGED_ENGINES.has(source.engine.toLowerCase())) {
    const what =
      source.engine.toUpperCase() === 'MEMORY'
        ? 'a restart empties it, which is no row of the log'
        : 'not all changes of its rows are in the log';
    const message = `${id} has engine ${source.engine}: ${what}`;
    faults.push({
      about: 'engine',
      message,
      remedy: `ALTER TABLE ${qualified(source.table)} ENGINE = InnoDB; ${INSTEAD}.`,
    });
  }
  if (source.isVersioned) {
    const message = `${id} is system-versioned: the server writes rows of its history by itself`;
    faults.push({ about: 'system_versioned', message, remedy: `Leave the table out, ${INSTEAD}.` });
  }
  return faults;
}

/** Rows of the table that the engine changes by itself when rows of another one are deleted or get another key. */
export function cascadeFaults(source: SourceTable): LogFault[] {
  return source.cascades.map((name) => ({
    about: 'foreign_key',
    message: `${tableId(source.table)}: foreign key ${name} changes or deletes rows by CASCADE or SET NULL, which the engine does without a word in the log`,
    remedy: `ALTER TABLE ${qualified(source.table)} DROP FOREIGN KEY ${identifier(name)}; add it again without CASCADE and SET NULL, and let the application change the rows; ${INSTEAD}; or set source.cascades to accept, and such changes are missing in the copy.`,
  }));
}

function columnFault(source: SourceTable, { name, type }: SourceColumn): LogFault | null {
  const id = tableId(source.table);
  if (type.tag === 'unknown') {
    const message = `${id}: the log's form of type ${type.declared}, column ${name}, is not known`;
    return { about: 'type', message, remedy: `Mask the column, ${INSTEAD}.` };
  }
  if (!('charset' in type) || isDecodable(type.charset)) return null;
  const message = `${id}: texts of character set ${type.charset}, column ${name}, cannot be read from the log`;
  const remedy = `ALTER TABLE ${qualified(source.table)} CONVERT TO CHARACTER SET utf8mb4; or mask the column; ${INSTEAD}.`;
  return { about: 'character_set', message, remedy };
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
