import { createHash } from 'node:crypto';
import { count, counted } from '../cli/output/quantities.ts';
import { left, right, textTable } from '../cli/output/text-table.ts';
import type { TableVerdict } from '../core/operations/verification/verdict.ts';
import type { VerifyResult } from '../core/operations/verification/verify.ts';
import { SHOP_TABLES } from '../test/fixtures/shop/shop-tables.ts';
import { testSource } from '../test/fixtures/test-source.ts';
import { DATABASE, shopTableId } from './configuration.ts';
import type { DemoServers } from './servers.ts';
import { columnsOf, readValues, type TableValues } from './table-values.ts';

/** A table on both sides, as the demo itself reads it. */
export interface TableComparison {
  readonly table: string;
  readonly source: TableValues;
  /** Of a table with history: its current rows. */
  readonly destination: TableValues;
  /** Of a table with history: every version, the current ones included; null for a mirror. */
  readonly versions: number | null;
}

const OPEN_END = "history_end_date = '9999-12-31 00:00:00'";
const LISTED_KEYS = 3;
const CHECKSUM_DIGITS = 12;

/** Reads the shop on both sides, beside Penstock: every value of every row. */
export async function readBothSides({ kind, source, destination }: DemoServers): Promise<TableComparison[]> {
  const [mysql, schema] = [testSource('mysql'), kind.schemaOf(DATABASE)];
  const here = await kind.connect(source, DATABASE);
  const there = await mysql.connect(destination, DATABASE);
  try {
    const comparisons: TableComparison[] = [];
    for (const { name, transfer } of SHOP_TABLES) {
      const columns = await columnsOf(kind.type, here, schema, name);
      const all = await columnsOf(mysql.type, there, DATABASE, name);
      const copied = columns.flatMap((column) => all.find((candidate) => candidate.name === column.name) ?? []);
      const [versions] = await there.rows(`SELECT COUNT(*) FROM ${name}`);
      comparisons.push({
        table: shopTableId(kind, name),
        source: await readValues(here, name, columns, null),
        destination: await readValues(there, name, copied, transfer === 'history' ? OPEN_END : null),
        versions: transfer === 'history' ? Number(versions?.[0]) : null,
      });
    }
    return comparisons;
  } finally {
    await Promise.all([here.end(), there.end()]);
  }
}

/** True only when every table of the shop was compared, and is equal to Penstock's verification and to the demo. */
export function isAllEqual(result: VerifyResult, comparisons: readonly TableComparison[]): boolean {
  return (
    comparisons.length === SHOP_TABLES.length &&
    comparisons.every((comparison) => {
      const verdict = verdictOf(result, comparison);
      return verdict?.tag === 'equal' && verdict.rows === comparison.source.rows && isSame(comparison);
    })
  );
}

function verdictOf(result: VerifyResult, { table }: TableComparison): TableVerdict | undefined {
  return result.tables.find((candidate) => candidate.table === table);
}

function isSame({ source, destination }: TableComparison): boolean {
  return source.rows === destination.rows && source.sum === destination.sum;
}

/** The table that the demo ends with, and below it what the numbers mean. */
export function comparisonLines(result: VerifyResult, comparisons: readonly TableComparison[]): string[] {
  const columns = [
    left('table'),
    right('rows at source'),
    right('rows at destination'),
    left('checksum at source'),
    left('at destination'),
    left('verdict'),
  ];
  const rows = comparisons.map((comparison) => {
    const { table, source, destination } = comparison;
    return [
      ...[table, count(source.rows), count(destination.rows), shortSum(source.sum), shortSum(destination.sum)],
      verdictText(verdictOf(result, comparison), comparison),
    ];
  });
  return [...textTable(columns, rows), '', ...historyLines(comparisons), ...differenceLines(result)];
}

/** The sums are long numbers; a few digits of their own hash show as well whether they are the same. */
function shortSum(sum: bigint): string {
  return createHash('md5').update(sum.toString()).digest('hex').slice(0, CHECKSUM_DIGITS);
}

function verdictText(verdict: TableVerdict | undefined, comparison: TableComparison): string {
  switch (verdict?.tag) {
    case 'equal':
      return isSame(comparison) ? 'equal' : 'DIFFERENT, which penstock verify did not see';
    case 'different':
      return `DIFFERENT: ${counted(verdict.differing, 'row')}`;
    case 'unsettled':
      return `${counted(verdict.unsettled, 'row')} in flight all the time`;
    case 'notComparable':
      return `NOT COMPARED: ${verdict.reason}`;
    case undefined:
      return 'NOT COMPARED';
  }
}

function historyLines(comparisons: readonly TableComparison[]): string[] {
  return comparisons.flatMap(({ table, destination, versions }) =>
    versions === null
      ? []
      : [`${table} is kept with history: ${count(versions)} versions, ${count(destination.rows)} of them current.`],
  );
}

function differenceLines(result: VerifyResult): string[] {
  return result.tables.flatMap((verdict) =>
    verdict.tag === 'different'
      ? verdict.differences
          .slice(0, LISTED_KEYS)
          .map(({ kind, key }) => `${verdict.table}: the row with key ${key.join(', ')} is ${kind}.`)
      : [],
  );
}
