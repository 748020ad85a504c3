import { sourceTypeOf, type CatalogType } from '../../../core/sources/oracle/values/source-type.ts';
import type { Row } from '../../../core/sources/session.ts';
import type { TableSelection } from '../../../core/sources/source-connector.ts';
import type { TableVersion } from '../../fixtures/oracle-fake/dictionary.ts';
import type { ContainerName } from '../../fixtures/oracle-fake/redo-record.ts';

/** Values of a row in the order of its columns, as a destination has them. */
export type Values = readonly (string | null)[];

export const OWNER = 'APP';

interface ColumnDefinition {
  readonly name: string;
  readonly type: CatalogType;
}

/** A table of the simulated database. Its structure never changes. */
export interface SimulatedTable {
  readonly name: string;
  readonly objectId: number;
  readonly columns: readonly ColumnDefinition[];
  /** The column of its primary key is the first one; false: it has none. */
  readonly hasKey: boolean;
  readonly isFollowed: boolean;
}

const INTEGER: CatalogType = { name: 'NUMBER', owner: null, length: 22, characters: 0, precision: 10, scale: 0 };
const VARCHAR: CatalogType = {
  ...{ name: 'VARCHAR2', owner: null, length: 4000, characters: 4000, precision: null, scale: null },
};
const CLOB: CatalogType = {
  ...{ name: 'CLOB', owner: null, length: 4000, characters: 0, precision: null, scale: null },
};
const BLOB: CatalogType = { ...CLOB, name: 'BLOB' };

/** `COUNTERS` and `LOOSE` are told change by change, of `LARGE` values are asked for, `IGNORED` is followed by nobody. */
export const TABLES: readonly SimulatedTable[] = [
  {
    ...{ name: 'COUNTERS', objectId: 70_101, hasKey: true, isFollowed: true },
    columns: [
      { name: 'ID', type: INTEGER },
      { name: 'STEP', type: INTEGER },
      { name: 'NOTE', type: VARCHAR },
    ],
  },
  {
    ...{ name: 'LOOSE', objectId: 70_102, hasKey: false, isFollowed: true },
    columns: [
      { name: 'A', type: INTEGER },
      { name: 'B', type: VARCHAR },
    ],
  },
  {
    ...{ name: 'LARGE', objectId: 70_103, hasKey: true, isFollowed: true },
    columns: [
      { name: 'ID', type: INTEGER },
      { name: 'N', type: INTEGER },
      { name: 'C', type: CLOB },
      { name: 'B', type: BLOB },
    ],
  },
  {
    ...{ name: 'IGNORED', objectId: 70_104, hasKey: true, isFollowed: false },
    columns: [
      { name: 'ID', type: INTEGER },
      { name: 'NOTE', type: VARCHAR },
    ],
  },
];

export function tableNamed(name: string): SimulatedTable {
  const found = TABLES.find((table) => table.name === name);
  if (found === undefined) throw new Error(`there is no table ${name}`);
  return found;
}

export function selections(): TableSelection[] {
  return TABLES.filter(({ isFollowed }) => isFollowed).map(({ name }) => ({
    ...{ table: { schema: OWNER, name }, key: null, mask: [], where: null, typeChange: {}, timestampColumn: null },
  }));
}

/** The table as redo of a container tells it. */
export function versionOf(
  { name, objectId, columns, hasKey }: SimulatedTable,
  container: ContainerName | null,
): TableVersion {
  return {
    ...{
      container,
      objectId,
      version: 1,
      dataObjectId: objectId,
      owner: OWNER,
      name,
      logging: 'all',
      isTemporary: false,
    },
    columns: columns.map(({ name: column, type }) => ({ name: column, type: sourceTypeOf(type), isVirtual: false })),
    key: hasKey ? [columns[0]?.name ?? ''] : [],
  };
}

/** A value as PostgreSQL prints it, which is how the fake's redo keeps it. */
function printedValue({ name }: CatalogType, value: string): string {
  return name === 'BLOB' ? `\\x${value.toLowerCase()}` : value;
}

/** A row's image as the fake's redo keeps it. */
export function imageOf({ columns }: SimulatedTable, values: Values): string {
  const printed = columns.map(({ type }, place) => {
    const value = values[place] ?? null;
    return value === null ? '' : `"${printedValue(type, value).replaceAll(/["\\]/g, (sign) => sign + sign)}"`;
  });
  return `(${printed.join(',')})`;
}

// As the catalog tells them: statements/catalog.ts.

export function tableRows(tables: readonly SimulatedTable[]): Row[] {
  return tables.map(({ name, objectId }) => [
    ...[OWNER, name, String(objectId), String(objectId), 'heap', '0', '0', '0', '0', '0', '2025-12-01 00:00:00', '0'],
  ]);
}

export function columnRows(tables: readonly SimulatedTable[]): Row[] {
  const number = (value: number | null) => (value === null ? null : String(value));
  return tables.flatMap(({ name, columns }) =>
    columns.map(({ name: column, type }, index) => [
      ...[OWNER, name, column, String(index + 1), String(index + 1), String(index + 1), type.name, null],
      ...[String(type.length), String(type.characters), number(type.precision), number(type.scale)],
      ...[index === 0 ? '0' : '1', '0', null, '0', '0', '0'],
    ]),
  );
}

export function keyRows(tables: readonly SimulatedTable[]): Row[] {
  return tables.flatMap(({ name, columns, hasKey }) => (hasKey ? [[OWNER, name, columns[0]?.name ?? '']] : []));
}
