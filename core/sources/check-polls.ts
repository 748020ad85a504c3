import { tableId, type TableName } from '../changes/table-name.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { error, warning } from './finding.ts';
import type { Finding, TableSelection } from './source-connector.ts';

/** A kind of source and what it can say of a polled table. `Table`: a table as its catalog describes it. */
export interface PolledSource<Table extends { readonly table: TableName }> {
  /** What its findings' codes begin with: `mysql`. */
  readonly type: string;
  /** Those that exist, by table id. */
  find(tables: readonly TableName[]): Promise<ReadonlyMap<string, Table>>;
  /**
   * Whether something tells which values of the chosen column may still be uncommitted: a lag behind the clock, a day that is looked at again, or the server.
   * @throws PenstockError where the column cannot be polled
   */
  judge(table: Table, selection: TableSelection): { readonly isBounded: boolean };
  /** The statement that makes an index that begins with the column; null: there is one. */
  missingIndex(table: Table, column: string): Promise<string | null>;
  /** What else there is to be known of the table's column. */
  remarks?(table: Table, selection: TableSelection): Finding[];
}

/** What extract type Timestamps needs of each table, and what it cannot see. */
export async function checkPolls<Table extends { readonly table: TableName }>(
  source: PolledSource<Table>,
  selections: readonly TableSelection[],
): Promise<Finding[]> {
  const findings: Finding[] = [
    warning(
      `${source.type}.deletes`,
      'extract type timestamps does not see deleted rows, nor rows that are committed later than the lag after their time',
      'Use extract type logs; or full-extract now and then, and set lagSeconds and overlapSeconds to the longest transaction.',
    ),
  ];
  const tables = await source.find(selections.map(({ table }) => table));
  for (const selection of selections) {
    const table = tables.get(tableId(selection.table));
    if (table !== undefined) findings.push(...(await checkPoll(source, table, selection)));
  }
  return findings;
}

async function checkPoll<Table extends { readonly table: TableName }>(
  source: PolledSource<Table>,
  table: Table,
  selection: TableSelection,
): Promise<Finding[]> {
  let isBounded: boolean;
  try {
    ({ isBounded } = source.judge(table, selection));
  } catch (cause) {
    if (!(cause instanceof PenstockError)) throw cause;
    return [error(`${source.type}.timestamp_column`, cause.message, cause.remedy)];
  }
  const column = selection.timestampColumn ?? '';
  const statement = await source.missingIndex(table, column);
  const message = `${tableId(table.table)}: every poll reads the whole table`;
  return [
    ...(statement === null ? [] : [warning(`${source.type}.timestamp_index`, message, statement)]),
    ...(isBounded ? [] : [unordered(source.type, tableId(table.table), column)]),
    ...(source.remarks?.(table, selection) ?? []),
  ];
}

function unordered(type: string, id: string, column: string): Finding {
  return warning(
    `${type}.timestamp_order`,
    `${id}: a row whose number in ${column} is committed behind a greater one is never seen: of two transactions at once, or of a sequence that several sessions or instances take numbers from in advance`,
    'Poll by a time, with lagSeconds as long as the longest transaction; or use extract type logs.',
  );
}
