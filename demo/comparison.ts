import { createHash } from 'node:crypto';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { count, counted } from '../cli/output/quantities.ts';
import { left, right, textTable } from '../cli/output/text-table.ts';
import type { TableVerdict, VerifyResult } from '../core/operations/verify.ts';
import type { ServerAddress } from '../test/fixtures/mariadb-server.ts';
import { connectPostgres } from '../test/fixtures/postgres-server.ts';
import { SHOP_TABLES } from '../test/fixtures/shop/shop-tables.ts';
import { DATABASE } from './configuration.ts';

/** What stands in the tables, counted by the demo itself. */
export interface TableCounts {
  readonly table: string;
  readonly atSource: number;
  /** Of a table with history: its current rows. */
  readonly atDestination: number;
  /** Of a table with history: every version, the current ones included; null for a mirror. */
  readonly versions: number | null;
}

const OPEN_END = "'9999-12-31 00:00:00'";
const LISTED_KEYS = 3;
const CHECKSUM_DIGITS = 12;

/** Counts the rows of the shop on both sides, beside Penstock. */
export async function countRows(source: ServerAddress, destination: ServerAddress): Promise<TableCounts[]> {
  const [client, connection] = [
    await connectPostgres(source, DATABASE),
    await createConnection({ ...destination, database: DATABASE }),
  ];
  try {
    const counts: TableCounts[] = [];
    for (const { name, transfer } of SHOP_TABLES) {
      const found = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${name}`);
      const current = transfer === 'history' ? `SUM(history_end_date = ${OPEN_END})` : 'COUNT(*)';
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT ${current} AS current, COUNT(*) AS versions FROM ${name}`,
      );
      counts.push({
        table: `public.${name}`,
        atSource: Number(found.rows[0]?.n),
        atDestination: Number(rows[0]?.['current'] ?? 0),
        versions: transfer === 'history' ? Number(rows[0]?.['versions']) : null,
      });
    }
    return counts;
  } finally {
    await Promise.all([client.end(), connection.end()]);
  }
}

/** True only when every table of the shop was compared, and is equal by checksum and by count. */
export function isAllEqual(result: VerifyResult, counts: readonly TableCounts[]): boolean {
  return SHOP_TABLES.every(({ name }) => {
    const table = `public.${name}`;
    const verdict = result.tables.find((candidate) => candidate.table === table);
    const counted = counts.find((candidate) => candidate.table === table);
    return (
      verdict?.tag === 'equal' && counted?.atSource === counted?.atDestination && counted?.atSource === verdict.rows
    );
  });
}

/** The table that the demo ends with, and below it what the numbers mean. */
export function comparisonLines(result: VerifyResult, counts: readonly TableCounts[]): string[] {
  const columns = [
    left('table'),
    right('rows at source'),
    right('rows at destination'),
    left('checksum at source'),
    left('at destination'),
    left('verdict'),
  ];
  const rows = counts.map(({ table, atSource, atDestination }) => {
    const verdict = result.tables.find((candidate) => candidate.table === table);
    const sums = checksums(verdict);
    return [table, count(atSource), count(atDestination), sums.source, sums.destination, verdictText(verdict)];
  });
  return [...textTable(columns, rows), '', ...historyLines(counts), ...differenceLines(result)];
}

function checksums(verdict: TableVerdict | undefined): { source: string; destination: string } {
  switch (verdict?.tag) {
    case 'equal':
      return { source: shortSum(verdict.checksum), destination: shortSum(verdict.checksum) };
    case 'different':
      return { source: shortSum(verdict.source.sum), destination: shortSum(verdict.destination.sum) };
    case 'notComparable':
    case undefined:
      return { source: '-', destination: '-' };
  }
}

/** The sums are long numbers; a few digits of their own hash show as well whether they are the same. */
function shortSum(sum: string): string {
  return createHash('md5').update(sum).digest('hex').slice(0, CHECKSUM_DIGITS);
}

function verdictText(verdict: TableVerdict | undefined): string {
  switch (verdict?.tag) {
    case 'equal':
      return 'equal';
    case 'different':
      return `DIFFERENT: ${counted(verdict.differing, 'row')}`;
    case 'notComparable':
      return `NOT COMPARED: ${verdict.reason}`;
    case undefined:
      return 'NOT COMPARED';
  }
}

function historyLines(counts: readonly TableCounts[]): string[] {
  return counts.flatMap(({ table, atDestination, versions }) =>
    versions === null
      ? []
      : [`${table} is kept with history: ${count(versions)} versions, ${count(atDestination)} of them current.`],
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
