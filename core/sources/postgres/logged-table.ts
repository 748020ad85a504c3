import { PenstockError } from '../../errors/penstock-error.ts';
import { keyOrdinals, type TableSchema } from '../../changes/table-schema.ts';
import type { TableName } from '../../changes/table-name.ts';
import { isKeyLate, type ReplicatedTable } from './describe.ts';
import { columnDecoder, type ColumnDecoder } from '../row-decoder.ts';
import type { SourceColumn, SourceTable } from './source-table.ts';

/** A Relation message: how the log describes a table before its first change and after each of its alterations. */
export interface RelationMessage {
  readonly oid: number;
  readonly table: TableName;
  readonly replicaIdentity: 'd' | 'i' | 'f' | 'n';
  readonly columns: readonly RelationColumn[];
}

export interface RelationColumn {
  readonly name: string;
  /** Part of what an old row's key tuple holds. */
  readonly isKey: boolean;
  readonly typeOid: number;
  readonly typmod: number;
}

/** How the rows of a relation are read; made once for each Relation message. */
export interface RelationPlan {
  readonly schema: TableSchema;
  readonly columns: readonly PlannedColumn[];
  readonly keyOrdinals: readonly number[];
  readonly isRowIdentity: boolean;
  readonly isFull: boolean;
  /** Two rows may have one key until their transaction ends, and the log has whole old rows to tell them apart. */
  readonly isKeyLate: boolean;
  /** Whether the schema event went out. */
  announced: boolean;
}

export interface PlannedColumn {
  readonly isKey: boolean;
  /** Place in the schema, or -1 where the column is not replicated. */
  readonly ordinal: number;
  readonly decoder: ColumnDecoder | null;
}

/** Body of a Relation message, from behind its letter. */
export function parseRelation(buffer: Buffer, start: number, end: number): RelationMessage {
  const oid = buffer.readUInt32BE(start);
  const schemaEnd = buffer.indexOf(0, start + 4);
  const nameEnd = buffer.indexOf(0, schemaEnd + 1);
  const identity = String.fromCharCode(buffer[nameEnd + 1] ?? 0);
  const count = buffer.readUInt16BE(nameEnd + 2);
  const columns: RelationColumn[] = [];
  let offset = nameEnd + 4;
  for (let index = 0; index < count; index++) {
    const columnEnd = buffer.indexOf(0, offset + 1);
    columns.push({
      isKey: buffer[offset] === 1,
      name: buffer.toString('utf8', offset + 1, columnEnd),
      typeOid: buffer.readUInt32BE(columnEnd + 1),
      typmod: buffer.readInt32BE(columnEnd + 5),
    });
    offset = columnEnd + 9;
  }
  if (offset !== end)
    throw new PenstockError('PS2008', `a Relation message of ${end - start} bytes ends at ${offset - start}`);
  const schema = buffer.toString('utf8', start + 4, schemaEnd);
  return {
    oid,
    table: { schema: schema === '' ? 'pg_catalog' : schema, name: buffer.toString('utf8', schemaEnd + 1, nameEnd) },
    replicaIdentity: identity === 'i' || identity === 'f' || identity === 'n' ? identity : 'd',
    columns,
  };
}

/** What the log does not say of a type. */
export interface ResolvedType {
  readonly declared: string;
  readonly baseOid: number;
  readonly typmod: number;
  readonly isEnum: boolean;
}

/**
 * The table as it was when the log was written: its columns are the message's; what the log leaves out (defaults, NOT NULL,
 * domains' base types) comes from the catalog as it is now.
 */
export function sourceTableOf(
  message: RelationMessage,
  now: SourceTable | null,
  typeOf: (column: RelationColumn) => ResolvedType,
): SourceTable {
  const numbers = numbersOf(message, now);
  const saysPrimaryKey = message.replicaIdentity === 'd' && message.columns.some((column) => column.isKey);
  return {
    oid: String(message.oid),
    table: message.table,
    isPartitioned: now?.isPartitioned ?? false,
    isLogged: true,
    replicaIdentity: message.replicaIdentity,
    immediateKeys: now === null ? null : immediateKeysOf(message, now),
    columns: message.columns.map((column, index) => {
      const known = now?.columns.find((one) => one.name === column.name) ?? null;
      return {
        ...(known ?? UNKNOWN_COLUMN),
        ...typeOf(column),
        name: column.name,
        number: numbers[index] ?? null,
        typeOid: column.typeOid,
        declaredTypmod: column.typmod,
        inPrimaryKey: saysPrimaryKey ? column.isKey : (known?.inPrimaryKey ?? false),
        inReplicaKey: message.replicaIdentity === 'f' || column.isKey,
      };
    }),
  };
}

/** What identified old rows in the log then was looked at row by row then. */
function immediateKeysOf(
  { replicaIdentity, columns }: RelationMessage,
  now: SourceTable,
): SourceTable['immediateKeys'] {
  const identity = columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  const known = now.immediateKeys ?? [];
  return replicaIdentity === 'f' || identity.length === 0 ? known : [...known, identity];
}

/**
 * The numbers that the catalog has now for a message's column names. A message lists its columns by their numbers, without saying them:
 * names whose numbers are not in that order have moved between columns since. Those get their number negative, unlike any true one.
 */
function numbersOf(message: RelationMessage, now: SourceTable | null): (number | null)[] {
  const found = message.columns.map(({ name }) => now?.columns.find((one) => one.name === name)?.number ?? null);
  return found.map((number, index) => {
    if (number === null) return null;
    const moved = found.some((other, place) => other !== null && (place < index ? other > number : other < number));
    return moved ? -number : number;
  });
}

/** A column that was dropped since. */
const UNKNOWN_COLUMN: Omit<
  SourceColumn,
  'name' | 'typeOid' | 'declaredTypmod' | 'inPrimaryKey' | 'inReplicaKey' | keyof ResolvedType
> = {
  number: null,
  notNull: false,
  generated: 'no',
  hasDefault: false,
  isIdentity: false,
  missing: null,
  hasMissing: false,
  mayBeFilled: false,
};

/** `earlier`: the plan of the relation's last message; a structure that did not change is not announced again. */
export function planRelation(
  message: RelationMessage,
  table: ReplicatedTable,
  earlier: RelationPlan | null,
): RelationPlan {
  const isSame = earlier?.schema.fingerprint === table.schema.fingerprint;
  const schema = isSame ? earlier.schema : table.schema;
  return {
    schema,
    columns: message.columns.map((column) => {
      const ordinal = schema.columns.findIndex((one) => one.name === column.name);
      const replicated = table.columns[ordinal];
      return { isKey: column.isKey, ordinal, decoder: replicated === undefined ? null : columnDecoder(replicated) };
    }),
    keyOrdinals: keyOrdinals(schema),
    isRowIdentity: schema.identity.tag === 'row',
    isFull: message.replicaIdentity === 'f',
    isKeyLate: message.replicaIdentity === 'f' && isKeyLate(table.source, schema.identity),
    announced: isSame && earlier.announced,
  };
}
