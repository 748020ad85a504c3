import { parseTableName, tableId } from '../../../core/changes/table-name.ts';
import type { TableRecord } from '../../../core/catalog/records.ts';
import type { TableProof } from '../../../core/catalog/verification-records.ts';
import { verificationOf } from '../../../core/operations/verification/table-verification.ts';
import type { ListedTable } from '../../../core/sources/source-connector.ts';
import { writtenOptions } from '../configuration/edit-tables.ts';
import type { Mapping } from '../configuration/parsed-configuration.ts';
import type { SchemaList, TableQuery, TableRow, Verification } from '../schemas/tables.ts';

/** What a list of tables is made of. */
export interface TableFacts {
  /** What the source has; null: it could not be asked. */
  readonly listed: readonly ListedTable[] | null;
  /** Entries of the configuration by table id. */
  readonly chosen: ReadonlyMap<string, Mapping>;
  readonly records: ReadonlyMap<string, TableRecord>;
  readonly proofs: ReadonlyMap<string, TableProof>;
}

/** All tables, ascending by schema and name: those of the source, and those that are chosen and not there. */
export function allTables({ listed, chosen, records, proofs }: TableFacts): TableRow[] {
  const rows = new Map<string, TableRow>();
  for (const { table, key, estimatedRows } of listed ?? []) {
    const id = tableId(table);
    rows.set(id, {
      ...{ id, schema: table.schema, name: table.name, key: key === null ? null : [...key], estimatedRows },
      ...{ atSource: true, selected: false, options: null, state: null, copiedRows: 0, verification: null },
    });
  }
  for (const [id, entry] of chosen) {
    const name = parseTableName(id);
    if (name === null) continue;
    const there = rows.get(id);
    const record = records.get(id);
    rows.set(id, {
      ...{ id, schema: name.schema, name: name.name, key: there?.key ?? null },
      estimatedRows: there?.estimatedRows ?? null,
      atSource: there !== undefined || listed === null,
      ...{
        selected: true,
        options: writtenOptions(entry),
        state: stateOf(record),
        copiedRows: record?.copiedRows ?? 0,
        verification: verificationIn(proofs.get(id), record),
      },
    });
  }
  return [...rows.values()].sort(byPlace);
}

function stateOf(record: TableRecord | undefined): TableRow['state'] {
  return record === undefined ? { tag: 'new' } : record.state;
}

function verificationIn(proof: TableProof | undefined, record: TableRecord | undefined): Verification | null {
  const found = verificationOf(proof ?? null, record ?? null);
  return found === null ? null : { ...found, columns: [...found.columns] };
}

/** What `verified` asks for. */
export function verifiedState({ selected, verification }: TableRow): TableFilter['verified'] {
  if (!selected) return undefined;
  if (verification === null) return 'never';
  return verification.stale === null ? verification.verdict : 'stale';
}

function byPlace(a: TableRow, b: TableRow): number {
  return compare(a.schema, b.schema) || compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export type TableFilter = Pick<TableQuery, 'search' | 'schema' | 'selected' | 'state' | 'verified'>;

export function matching(rows: readonly TableRow[], filter: TableFilter): TableRow[] {
  const search = filter.search?.toLowerCase() ?? '';
  return rows.filter(
    (row) =>
      (filter.schema === undefined || row.schema === filter.schema) &&
      (filter.selected === undefined || row.selected === (filter.selected === 'true')) &&
      (filter.verified === undefined || verifiedState(row) === filter.verified) &&
      (filter.state === undefined || row.state?.tag === filter.state) &&
      (search === '' || `${row.schema}.${row.name}`.toLowerCase().includes(search)),
  );
}

/** The page behind the table with id `after`; a table that is gone meanwhile does not matter. */
export function pageOfTables(
  rows: readonly TableRow[],
  after: string | undefined,
  limit: number,
): { items: TableRow[]; next: string | null } {
  const mark = after === undefined ? null : parseTableName(after);
  const from = mark === null ? 0 : rows.findIndex((row) => byPlace(row, mark as TableRow) > 0);
  const items = from < 0 ? [] : rows.slice(from, from + limit);
  const last = items.at(-1);
  return { items, next: last === undefined || from + limit >= rows.length ? null : last.id };
}

/** The first level of the tree. */
export function schemasOf(rows: readonly TableRow[]): Pick<SchemaList, 'schemas' | 'total' | 'selected'> {
  const schemas = new Map<string, { tables: number; selected: number }>();
  for (const { schema, selected } of rows) {
    const counts = schemas.get(schema) ?? { tables: 0, selected: 0 };
    schemas.set(schema, { tables: counts.tables + 1, selected: counts.selected + (selected ? 1 : 0) });
  }
  return {
    schemas: [...schemas].map(([schema, counts]) => ({ schema, ...counts })),
    total: rows.length,
    selected: rows.filter(({ selected }) => selected).length,
  };
}
